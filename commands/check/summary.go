package check

import (
	"math"
	"slices"
	"time"
)

// Summary is what was measured of a check over a span of time. A look speaks for the time until the next one is due; time
// that no look speaks for was not measured, and is neither up nor down.
type Summary struct {
	Looks, Failed int
	Measured      time.Duration // that looks speak for
	Down          time.Duration // of it, by looks that failed
	Muted         time.Duration // of it, while nobody was to be told
	MutedDown     time.Duration // both
	Latencies     Latencies     // of the looks that passed
}

// Add counts one more result.
func (s *Summary) Add(r Result) {
	s.Looks++
	s.Measured += r.Covers
	if r.Muted {
		s.Muted += r.Covers
	}
	if r.OK {
		s.Latencies.Add(r.Latency, 1)
		return
	}
	s.Failed++
	s.Down += r.Covers
	if r.Muted {
		s.MutedDown += r.Covers
	}
}

// Merge counts all that another summary counted.
func (s *Summary) Merge(o Summary) {
	s.Looks += o.Looks
	s.Failed += o.Failed
	s.Measured += o.Measured
	s.Down += o.Down
	s.Muted += o.Muted
	s.MutedDown += o.MutedDown
	for _, bin := range o.Latencies {
		s.Latencies.add(bin)
	}
}

// Uptime is the share of the measured time that was up, 0 to 1; ok is false where nothing was measured.
func (s Summary) Uptime() (share float64, ok bool) {
	if s.Measured <= 0 {
		return 0, false
	}
	return 1 - float64(s.Down)/float64(s.Measured), true
}

// Latencies count how long looks took, in bins that are nine hundredths wide: what is read from them is right to about
// four and a half hundredths. They are sorted by bin.
type Latencies []Bin

// Bin is how many looks took about as long.
type Bin struct {
	Index uint8 // see binOf
	Count uint32
}

const (
	shortest  = 100 * time.Microsecond // all that is shorter is in bin 0
	binsOfTwo = 8                      // bins from a time to its double
)

// binOf is the bin of a latency: bin n begins at 100 µs · 2^(n/8).
func binOf(d time.Duration) uint8 {
	if d <= shortest {
		return 0
	}
	return uint8(min(math.MaxUint8, binsOfTwo*math.Log2(float64(d)/float64(shortest))))
}

// middle is the latency in the middle of a bin.
func middle(bin uint8) time.Duration {
	return time.Duration(float64(shortest) * math.Exp2((float64(bin)+0.5)/binsOfTwo))
}

// Add counts looks that took a time.
func (l *Latencies) Add(d time.Duration, looks uint32) { l.add(Bin{binOf(d), looks}) }

func (l *Latencies) add(b Bin) {
	i, found := slices.BinarySearchFunc(*l, b.Index, func(there Bin, index uint8) int { return int(there.Index) - int(index) })
	if found {
		(*l)[i].Count += b.Count
		return
	}
	*l = slices.Insert(*l, i, b)
}

// Quantile is the latency that a share of the looks did not exceed: 0.5 for the median. Zero where there are no looks.
func (l Latencies) Quantile(share float64) time.Duration {
	total := 0.0
	for _, b := range l {
		total += float64(b.Count)
	}
	seen := 0.0
	for _, b := range l {
		if seen += float64(b.Count); seen >= share*total {
			return middle(b.Index)
		}
	}
	return 0
}
