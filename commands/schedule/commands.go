package schedule

import (
	"context"
	"errors"
	"reflect"
	"strings"

	"deckhand/commands"
)

// Commands are the schedule commands. Parse reads a line and answers it in its canonical spelling; its errors are for people.
func Commands(book Book, clock Clock, parse func(line string) (string, error)) []commands.Command {
	return []commands.Command{
		{
			Name:    "schedule add",
			Aliases: []string{"schedule create"},
			Summary: "Put a line on the timetable; it runs with your rights and answers in the channel",
			Example: `schedule add --name morning --cron "0 9 * * 1-5" --time-zone Asia/Shanghai --run "status"`,
			Undo:    commands.Mono("schedule remove") + " of the same name.",
			Risk:    commands.Change,
			New:     func() commands.Runner { return &add{book: book, clock: clock, parse: parse} },
		},
		{
			Name:    "schedule list",
			Summary: "List the timetable",
			Example: "schedule list",
			Local:   true,
			New:     func() commands.Runner { return &list{book: book, clock: clock} },
		},
		{
			Name:    "schedule remove",
			Aliases: []string{"schedule delete", "schedule rm"},
			Summary: "Take a line off the timetable",
			Example: "schedule remove morning",
			Undo:    commands.Mono("schedule add") + " with what it was.",
			Risk:    commands.Change,
			New:     func() commands.Runner { return &remove{book: book} },
		},
	}
}

func usage(message, hint string) error {
	return &commands.Error{Kind: commands.Usage, Message: message, Hint: hint}
}

// find answers a schedule by its name, or an Error of kind NotFound that knows the nearest names.
func find(ctx context.Context, book Book, name string) (Schedule, error) {
	schedules, err := book.Schedules(ctx)
	if err != nil {
		return Schedule{}, err
	}
	names := make([]string, len(schedules))
	for i, s := range schedules {
		if strings.EqualFold(s.Name, name) {
			return s, nil
		}
		names[i] = s.Name
	}
	hint := "See " + commands.Mono("schedule list") + "."
	if near := commands.Nearest(strings.ToLower(name), names); len(near) > 0 {
		hint = "Did you mean " + commands.Mono(near[0]) + "?"
	}
	return Schedule{}, &commands.Error{Kind: commands.NotFound, Message: "There is no schedule " + commands.Mono(name) + ".", Hint: hint}
}

// Free answers an Error of kind Usage where a name is taken.
func Free(ctx context.Context, book Book, name string) error {
	schedules, err := book.Schedules(ctx)
	if err != nil {
		return err
	}
	for _, there := range schedules {
		if there.Name == name {
			return usage("There is a schedule "+commands.Mono(name)+" already.", "Take another name, or remove it first: "+commands.Mono("schedule remove "+name)+".")
		}
	}
	return nil
}

// Put adds a schedule; that it is there already, exactly so, is as good.
func Put(ctx context.Context, book Book, s Schedule) error {
	err := book.AddSchedule(ctx, s)
	var taken *commands.Error
	if !errors.As(err, &taken) || taken.Kind != commands.Usage {
		return err
	}
	there, findErr := find(ctx, book, s.Name)
	if findErr != nil {
		return errors.Join(err, findErr)
	}
	there.CreatedAt, there.LastSlot, there.Owner.Thread = s.CreatedAt, s.LastSlot, s.Owner.Thread
	if reflect.DeepEqual(there, s) {
		return nil
	}
	return err
}
