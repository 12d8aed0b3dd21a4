package check

import "deckhand/commands"

// IncidentCommands are the commands on incidents and on silence. Windows are the configuration's maintenance windows.
func IncidentCommands(book Book, incidents IncidentBook, clock Clock, windows []Window) []commands.Command {
	on := which{book: book, incidents: incidents}
	return []commands.Command{
		{Name: "check ack", Aliases: []string{"check acknowledge", "ack", "incident ack"}, Summary: "Say that you are at an incident", Example: "check ack myapp", Undo: "Nothing takes it back; it ends with the incident.",
			Risk: commands.Change,
			New:  func() commands.Runner { return &ack{on} }},
		{Name: "check own", Aliases: []string{"incident own"}, Summary: "Take an incident on", Example: "check own myapp", Undo: "Somebody else can take the incident on in the same way.",
			Risk: commands.Change,
			New:  func() commands.Runner { return &own{which: on} }},
		{Name: "check snooze", Aliases: []string{"incident snooze"}, Summary: "Stop reminders of an incident for a while", Example: "check snooze myapp 1h", Undo: "It ends by itself, and with the incident.",
			Risk: commands.Change,
			New:  func() commands.Runner { return &snooze{which: on} }},
		{Name: "check mute", Aliases: []string{"mute"}, Summary: "Tell nobody of a check for a while, and look on", Example: `check mute myapp 30m --reason "moving the database"`, Undo: commands.Mono("check unmute") + " of the same.",
			Risk: commands.Change,
			New:  func() commands.Runner { return &mute{book: book, incidents: incidents} }},
		{Name: "check unmute", Aliases: []string{"unmute"}, Summary: "End a mute", Example: "check unmute myapp", Undo: commands.Mono("check mute") + " again, for the rest of the time.",
			Risk: commands.Change,
			New:  func() commands.Runner { return &unmute{book: book, incidents: incidents} }},
		{Name: "maintenance list", Aliases: []string{"maintenance", "check mutes"}, Summary: "List what is muted, and the maintenance windows", Example: "maintenance list", Local: true,
			New: func() commands.Runner {
				return &maintenance{book: book, incidents: incidents, clock: clock, windows: windows}
			}},
		{Name: "incident list", Aliases: []string{"incidents", "check incidents"}, Summary: "List outages, the newest first", Example: "incident list --days 30", Local: true,
			New: func() commands.Runner { return &incidentList{incidents: incidents} }},
		{Name: "incident show", Aliases: []string{"check incident"}, Summary: "Show an outage and what happened in it", Example: "incident show I-7", Local: true,
			New: func() commands.Runner { return &incidentShow{incidents: incidents} }},
	}
}
