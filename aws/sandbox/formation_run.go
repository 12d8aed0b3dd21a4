package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/smithy-go"
)

// part is one resource of a stack.
type part struct {
	stack      *stack
	name, kind string
	real       string // physical id
	status     string // "" until it was begun
	reason     string
	since      time.Time // of the status
	needs      []string  // names of other parts
	resource   formationResource
	attributes map[string]any
	made       string // the properties that it has, as one text
	done       bool   // in the update under way
	failed     bool   // in the deletion under way
	begun      time.Time
	scaling    *scalingGroup // of an Auto Scaling group
}

// partKind is how the sandbox plays a type of resource. Functions that are nil have nothing to do.
type partKind struct {
	create func(p *part, properties map[string]any) error
	update func(p *part, properties map[string]any) error
	ready  func(p *part) (bool, error)
	remove func(p *part) error
	gone   func(p *part) bool
}

func (p *part) enter(status, reason string) {
	p.status, p.reason, p.since = status, reason, p.stack.region.now()
	p.stack.event(p.name, p.kind, p.real, status, reason)
}

// pace is how long each part takes at least, so that a stack is seen to move.
func (s *stack) pace() time.Duration { return s.region.world.options.Settle / 5 }

// minutes is how long a number of CloudFormation's minutes takes in the sandbox: what it plays is that much faster.
func (r *region) minutes(n float64) time.Duration {
	return time.Duration(n * 4 * float64(r.world.options.Settle))
}

// passStacks lets every stack do what it has had the time for.
func (r *region) passStacks() {
	for _, s := range r.stacks {
		for s.moving() && s.step() {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(s.parts)) {
			if g := s.parts[name].scaling; g != nil {
				g.pass()
			}
		}
	}
}

// step does one thing, and answers false where there is nothing to do yet.
func (s *stack) step() bool {
	switch s.status {
	case "CREATE_IN_PROGRESS":
		return s.stepCreate()
	case "ROLLBACK_IN_PROGRESS":
		return s.stepRemove("ROLLBACK_COMPLETE", "ROLLBACK_FAILED")
	case "DELETE_IN_PROGRESS":
		return s.stepRemove("DELETE_COMPLETE", "DELETE_FAILED")
	case "UPDATE_IN_PROGRESS":
		return s.stepUpdate("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
	case "UPDATE_ROLLBACK_IN_PROGRESS":
		return s.stepUpdate("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
	case "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS":
		s.enter(strings.TrimSuffix(s.status, "_CLEANUP_IN_PROGRESS"), "")
		return true
	}
	return false
}

func (s *stack) stepCreate() bool {
	complete := 0
	for _, name := range slices.Sorted(maps.Keys(s.parts)) {
		p := s.parts[name]
		switch {
		case p.status == "CREATE_COMPLETE":
			complete++
		case p.status == "" && s.have(p.needs, "CREATE_COMPLETE"):
			s.beginCreate(p)
			if p.status == "CREATE_FAILED" {
				s.giveUp(p, "CREATE_FAILED", "Resource creation cancelled")
				s.enter("ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: ["+p.name+"]. Rollback requested by user.")
			}
			return true
		case p.status == "CREATE_IN_PROGRESS":
			ready, err := s.ready(p)
			switch {
			case err != nil:
				p.enter("CREATE_FAILED", messageFrom(err))
				s.giveUp(p, "CREATE_FAILED", "Resource creation cancelled")
				s.enter("ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: ["+p.name+"]. Rollback requested by user.")
				return true
			case ready:
				p.enter("CREATE_COMPLETE", "")
				return true
			}
		}
	}
	if complete == len(s.parts) {
		s.enter("CREATE_COMPLETE", "")
		return true
	}
	return false
}

// giveUp ends what else is being made when one part has failed.
func (s *stack) giveUp(cause *part, status, reason string) {
	for _, name := range slices.Sorted(maps.Keys(s.parts)) {
		if p := s.parts[name]; p != cause && strings.HasSuffix(p.status, "_IN_PROGRESS") {
			p.enter(status, reason)
		}
	}
}

func (s *stack) have(names []string, status string) bool {
	return !slices.ContainsFunc(names, func(name string) bool {
		p := s.parts[name] // nil where its condition does not hold
		return p != nil && p.status != status
	})
}

func (s *stack) ready(p *part) (bool, error) {
	if s.region.now().Sub(p.since) < s.pace() {
		return false, nil
	}
	if check := partKinds()[p.kind].ready; check != nil {
		return check(p)
	}
	return true, nil
}

func (s *stack) beginCreate(p *part) {
	p.enter("CREATE_IN_PROGRESS", "")
	properties, text, err := s.properties(p)
	if err == nil {
		if broken := s.region.world.takeFault("CloudFormation", p.kind); broken != nil {
			err = refuse(broken.code, messageOf(broken.code))
		} else {
			err = partKinds()[p.kind].create(p, properties)
		}
	}
	if err != nil {
		p.enter("CREATE_FAILED", messageFrom(err))
		return
	}
	p.made = text
	p.enter("CREATE_IN_PROGRESS", "Resource creation Initiated")
}

// properties are a part's properties with every function solved, also as one text to compare by.
func (s *stack) properties(p *part) (map[string]any, string, error) {
	solved, err := (solver{s}).solve(p.resource.Properties)
	if err != nil {
		return nil, "", err
	}
	properties, _ := solved.(map[string]any)
	raw, err := json.Marshal(properties)
	return properties, string(raw), err
}

// messageFrom words a refusal as CloudFormation does.
func messageFrom(err error) string {
	if api, ok := err.(smithy.APIError); ok { //nolint:errorlint // the sandbox's own
		return fmt.Sprintf("Resource handler returned message: %q (HandlerErrorCode: %s)", api.ErrorMessage(), api.ErrorCode())
	}
	return err.Error()
}

func (s *stack) stepUpdate(then string) bool {
	done := 0
	for _, name := range slices.Sorted(maps.Keys(s.parts)) {
		p := s.parts[name]
		waits := slices.ContainsFunc(p.needs, func(other string) bool { return s.parts[other] != nil && !s.parts[other].done })
		switch {
		case p.done:
			done++
		case waits:
		case p.status == "UPDATE_IN_PROGRESS":
			ready, err := s.ready(p)
			switch {
			case err != nil:
				return s.updateFailed(p, err)
			case ready:
				p.done = true
				p.enter("UPDATE_COMPLETE", "")
				return true
			}
		default:
			properties, text, err := s.properties(p)
			if err != nil {
				return s.updateFailed(p, err)
			}
			if text == p.made {
				p.done = true
				return true
			}
			p.enter("UPDATE_IN_PROGRESS", "")
			if broken := s.region.world.takeFault("CloudFormation", p.kind); broken != nil {
				return s.updateFailed(p, refuse(broken.code, messageOf(broken.code)))
			}
			change := partKinds()[p.kind].update
			if change == nil {
				return s.updateFailed(p, refuse("InvalidRequest", "The sandbox does not change a "+p.kind))
			}
			if err := change(p, properties); err != nil {
				return s.updateFailed(p, err)
			}
			p.made = text
			return true
		}
	}
	if done == len(s.parts) {
		s.enter(then, "")
		return true
	}
	return false
}

func (s *stack) updateFailed(p *part, err error) bool {
	p.enter("UPDATE_FAILED", messageFrom(err))
	s.giveUp(p, "UPDATE_FAILED", "Resource update cancelled")
	if s.status == "UPDATE_ROLLBACK_IN_PROGRESS" {
		s.enter("UPDATE_ROLLBACK_FAILED", "The following resource(s) failed to update: ["+p.name+"]. ")
		return true
	}
	s.parameters, s.tags = s.before.parameters, s.before.tags
	for _, other := range s.parts {
		other.done = false
	}
	s.enter("UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to update: ["+p.name+"]. ")
	return true
}

// stepRemove removes parts that nothing needs any more.
func (s *stack) stepRemove(then, otherwise string) bool {
	left, failed := 0, []string{}
	for _, name := range slices.Sorted(maps.Keys(s.parts)) {
		p := s.parts[name]
		switch {
		case p.status == "DELETE_COMPLETE" || p.status == "":
			continue
		case p.failed:
			failed = append(failed, p.name)
			continue
		}
		left++
		if s.needed(p) {
			continue
		}
		if p.status != "DELETE_IN_PROGRESS" {
			p.begun = s.region.now()
			p.enter("DELETE_IN_PROGRESS", "")
			return true
		}
		if s.removed(p) {
			return true
		}
	}
	switch {
	case len(failed) > 0 && left == s.blocked():
		s.enter(otherwise, "The following resource(s) failed to delete: ["+strings.Join(failed, ", ")+"]. ")
		return true
	case left == 0 && len(failed) == 0:
		now := s.region.now()
		if then == "DELETE_COMPLETE" {
			s.ended = &now
		}
		s.enter(then, "")
		return true
	}
	return false
}

// needed tells whether another part that is still there needs this one.
func (s *stack) needed(p *part) bool {
	for _, other := range s.parts {
		if other.status != "" && other.status != "DELETE_COMPLETE" && slices.Contains(other.needs, p.name) {
			return true
		}
	}
	return false
}

// blocked counts the parts that stay because one that needs them could not be deleted.
func (s *stack) blocked() int {
	n := 0
	for _, p := range s.parts {
		if p.status != "" && p.status != "DELETE_COMPLETE" && !p.failed && s.needed(p) {
			n++
		}
	}
	return n
}

// removed takes a part away, and answers true where it went on by that. A part that something outside still uses is tried again for
// some minutes, as CloudFormation does.
func (s *stack) removed(p *part) bool {
	kind := partKinds()[p.kind]
	if s.region.now().Sub(p.since) < s.pace() {
		return false
	}
	if p.real != "" && kind.remove != nil {
		if err := kind.remove(p); err != nil {
			if s.region.now().Sub(p.begun) < s.region.minutes(2) {
				return false
			}
			p.failed = true
			p.enter("DELETE_FAILED", messageFrom(err))
			return true
		}
	}
	if kind.gone != nil && !kind.gone(p) {
		return false
	}
	p.enter("DELETE_COMPLETE", "")
	p.real = ""
	return true
}
