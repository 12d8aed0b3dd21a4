package app

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// tally counts by the values of some labels. Values come from closed lists (commands, operations, states), so it does not grow.
type tally struct {
	name, help string
	labels     []string
	mu         sync.Mutex
	counts     map[labelValues]uint64
}

// labelValues are the values of a tally's labels, in their order; what is left over is empty. Counting by them costs nothing but
// the look into the map.
type labelValues [3]string

func newTally(name, help string, labels ...string) *tally {
	return &tally{name: name, help: help, labels: labels, counts: map[labelValues]uint64{}}
}

// add counts one. Values are in the order of the labels, of which there are three at most.
func (t *tally) add(values ...string) {
	var key labelValues
	copy(key[:], values)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts[key]++
}

func (t *tally) write(w io.Writer) {
	t.mu.Lock()
	written := make(map[string]uint64, len(t.counts))
	for values, count := range t.counts {
		written[labelled(t.labels, values[:])] = count
	}
	t.mu.Unlock()
	head(w, t.name, "counter", t.help)
	for _, key := range slices.Sorted(maps.Keys(written)) {
		_, _ = fmt.Fprintf(w, "%s{%s} %d\n", t.name, key, written[key])
	}
}

// labelled writes labels as they stand between braces.
func labelled(labels, values []string) string {
	words := make([]string, len(labels))
	for i, name := range labels {
		words[i] = name + "=" + label(values[i])
	}
	return strings.Join(words, ",")
}

// durations is a histogram for each value of one label.
type durations struct {
	name, help, label string
	bounds            []float64
	mu                sync.Mutex
	each              map[string]*histogram
}

func newDurations(name, help, label string, bounds ...float64) *durations {
	return &durations{name: name, help: help, label: label, bounds: bounds, each: map[string]*histogram{}}
}

func (d *durations) observe(value string, took time.Duration) {
	d.mu.Lock()
	h := d.each[value]
	if h == nil {
		h = newHistogram(d.bounds)
		d.each[value] = h
	}
	d.mu.Unlock()
	h.observe(took)
}

func (d *durations) write(w io.Writer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	head(w, d.name, "histogram", d.help)
	for _, value := range slices.Sorted(maps.Keys(d.each)) {
		d.each[value].write(w, d.name, labelled([]string{d.label}, []string{value}))
	}
}

// histogram counts durations by bucket.
type histogram struct {
	bounds  []float64 // the upper ends of the buckets, in seconds
	buckets []atomic.Uint64
	nanos   atomic.Uint64
}

func newHistogram(bounds []float64) *histogram {
	return &histogram{bounds: bounds, buckets: make([]atomic.Uint64, len(bounds)+1)}
}

func (h *histogram) observe(d time.Duration) {
	i, _ := slices.BinarySearch(h.bounds, d.Seconds())
	h.buckets[i].Add(1)
	h.nanos.Add(uint64(max(0, d))) //nolint:gosec // not negative
}

// write writes the buckets. Labels stand before the bucket's own, and may be empty.
func (h *histogram) write(w io.Writer, name, labels string) {
	before, alone := "", ""
	if labels != "" {
		before, alone = labels+",", "{"+labels+"}"
	}
	total := uint64(0)
	for i := range h.buckets {
		total += h.buckets[i].Load()
		bound := "+Inf"
		if i < len(h.bounds) {
			bound = strconv.FormatFloat(h.bounds[i], 'g', -1, 64)
		}
		_, _ = fmt.Fprintf(w, "%s_bucket{%sle=%q} %d\n", name, before, bound, total)
	}
	_, _ = fmt.Fprintf(w, "%s_sum%s %g\n%s_count%s %d\n", name, alone, float64(h.nanos.Load())/1e9, name, alone, total)
}
