package commands

import "sort"

// Order sorts a list in place. What compares equal keeps its order. It is for lists that people read: the standard library's generic
// sort is compiled anew for each type, some 20 kB of the program every time, and is worth that where thousands are sorted.
func Order[T any](list []T, compare func(a, b T) int) {
	sort.SliceStable(list, func(i, j int) bool { return compare(list[i], list[j]) < 0 })
}
