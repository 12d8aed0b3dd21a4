package store

import (
	"reflect"
	"testing"
	"time"

	"deckhand/commands/check"
)

func TestSamplesComeBack(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 12, 0, 0, 123e6, time.UTC)
	samples := []sample{
		{7, check.Result{At: at, OK: true, Code: 200, Detail: "HTTP 200", Latency: 12345 * time.Microsecond, Covers: 30 * time.Second}},
		{1 << 40, check.Result{At: at.Add(-time.Hour), Detail: "", Latency: time.Minute}},
		{7, check.Result{At: at.Add(365 * day), OK: true, Muted: true, Code: -1, Detail: "größer", Covers: 24 * time.Hour}},
	}
	var is []sample
	if err := unpackSamples(packSamples(samples, true), true, func(s sample) { is = append(is, s) }); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(is, samples) {
		t.Errorf("%+v", is)
	}
}

// FuzzUnpack must neither panic nor take more memory than the bytes could mean.
func FuzzUnpack(f *testing.F) {
	f.Add(packSamples([]sample{{7, check.Result{At: time.Unix(1e9, 0), Detail: "HTTP 200"}}}, true))
	var h hours
	h[3].Add(check.Result{OK: true, Latency: time.Second})
	f.Add(packHours(&h))
	f.Fuzz(func(_ *testing.T, packed []byte) {
		_ = unpackSamples(packed, true, func(sample) {})
		_ = unpackSamples(packed, false, func(sample) {})
		_ = unpackHours(packed, func(int, check.Summary) {})
		_, _ = unpackDay(packed)
	})
}
