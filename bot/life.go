package bot

import "slices"

// State is where a request is in its life.
type State string

// The states.
const (
	Asked     State = "asked"     // written down; policy has not spoken finally
	Refused   State = "refused"   // policy said no
	Waiting   State = "waiting"   // somebody has to press
	Rejected  State = "rejected"  // an approver said no
	Expired   State = "expired"   // nobody pressed in time
	Cancelled State = "cancelled" // the asker took it back
	Queued    State = "queued"    // allowed; will run
	Running   State = "running"   // a process has claimed it
	Done      State = "done"
	Failed    State = "failed"
	Unsure    State = "uncertain" // it may have happened
	Settled   State = "settled"   // a person, or a look at AWS, said what came of an uncertain one
)

// life is the whole of what may follow what.
var life = map[State][]State{ //nolint:gochecknoglobals // a constant table
	Asked:   {Refused, Waiting, Queued, Failed, Cancelled, Done}, // done: what was due is gone already
	Waiting: {Rejected, Expired, Cancelled, Queued, Failed},
	Queued:  {Running, Refused, Cancelled, Failed, Done},
	Running: {Done, Failed, Unsure},
	Unsure:  {Settled},
}

// CanFollow tells whether a request may go from one state to another.
func CanFollow(from, to State) bool { return slices.Contains(life[from], to) }

// Over tells whether nothing follows a state.
func (s State) Over() bool { return len(life[s]) == 0 }
