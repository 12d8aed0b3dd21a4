package commands

// Nearest answers the candidates that a mistyped word most likely meant, the likeliest first, at most three.
func Nearest(word string, candidates []string) []string {
	type scored struct {
		text     string
		distance int
	}
	const most = 5 // letters: what differs in more is another word, however long both are
	limit := min(max(1, len([]rune(word))*2/5), most)
	var found []scored
	for _, candidate := range candidates {
		d := distance(word, candidate)
		if len(candidate) > 2 && len(word) > len(candidate) && word[:len(candidate)] == candidate ||
			len(word) > 2 && len(candidate) > len(word) && candidate[:len(word)] == word {
			d = min(d, 1) // one is the beginning of the other: "--image-idami12", "--image"
		}
		if d <= limit {
			found = append(found, scored{candidate, d})
		}
	}
	Order(found, func(a, b scored) int { return a.distance - b.distance })
	var out []string
	for _, c := range found[:min(3, len(found))] {
		out = append(out, c.text)
	}
	return out
}

// distance is the number of insertions, deletions, substitutions and swaps of neighbours between two words
// (Damerau-Levenshtein, optimal string alignment).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last, this := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		this[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			this[j] = min(last[j]+1, this[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				this[j] = min(this[j], before[j-2]+1)
			}
		}
		before, last, this = last, this, before
	}
	return last[len(y)]
}
