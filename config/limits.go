package config

// Limits bound how many lines one person may send.
type Limits struct {
	Burst      int     // at once; 0: deckhand's own
	EachSecond float64 // a second, after that; 0: deckhand's own
}

type rawLimits struct {
	Line      int
	Burst     number `yaml:"burst"`
	PerSecond number `yaml:"per_second"`
}

func (r *reader) limits(raw *rawLimits) Limits {
	if raw == nil {
		return Limits{}
	}
	return Limits{
		Burst:      r.atLeastOne(raw.Burst, "limits.burst", 0),
		EachSecond: float64(r.atLeastOne(raw.PerSecond, "limits.per_second", 0)),
	}
}
