package bot

// Crew is the processes that share the checks of a store, as the database had them at one moment.
type Crew struct {
	Term    int64 // grows with every process that comes or goes
	Members []Member
}

// Member is one process of a crew.
type Member struct {
	Name   string
	Term   int64 // the crew's as of which it looks at nothing that is another's
	Silent bool  // for longer than a process that lives is
}

// Names answers the members' names, in order.
func (c Crew) Names() []string {
	names := make([]string, len(c.Members))
	for i, m := range c.Members {
		names[i] = m.Name
	}
	return names
}

// Agreed tells whether every member has let go of what is another's in this term.
func (c Crew) Agreed() bool {
	for _, m := range c.Members {
		if m.Term != c.Term {
			return false
		}
	}
	return true
}

// Silent tells whether any member was not heard of for too long.
func (c Crew) Silent() bool {
	for _, m := range c.Members {
		if m.Silent {
			return true
		}
	}
	return false
}
