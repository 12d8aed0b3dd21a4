package lambda

import (
	"fmt"
	"strings"
	"time"

	"deckhand/commands"
)

// ending is a runtime that AWS no longer patches, or soon will not.
type ending struct {
	name      string
	successor string
	date      string // of deprecation, when patches end
}

// endings are AWS's deprecation dates as of tableDate. Some time after such a date AWS also refuses new functions, and it has moved that
// later date more than once; the date without patches is the one that counts here.
// Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
func endings() []ending {
	return []ending{
		{"nodejs", "nodejs24.x", "2016-10-31"}, {"nodejs4.3", "nodejs24.x", "2020-03-05"}, {"nodejs4.3-edge", "nodejs24.x", "2020-03-05"},
		{"nodejs6.10", "nodejs24.x", "2019-08-12"}, {"nodejs8.10", "nodejs24.x", "2020-03-06"}, {"nodejs10.x", "nodejs24.x", "2021-07-30"},
		{"nodejs12.x", "nodejs24.x", "2023-03-31"}, {"nodejs14.x", "nodejs24.x", "2023-12-04"}, {"nodejs16.x", "nodejs24.x", "2024-06-12"},
		{"nodejs18.x", "nodejs24.x", "2025-09-01"}, {"nodejs20.x", "nodejs24.x", "2026-04-30"}, {"nodejs22.x", "nodejs24.x", "2027-04-30"},
		{"python2.7", "python3.13", "2021-07-15"}, {"python3.6", "python3.13", "2022-07-18"}, {"python3.7", "python3.13", "2023-12-04"},
		{"python3.8", "python3.13", "2024-10-14"}, {"python3.9", "python3.13", "2025-12-15"}, {"python3.10", "python3.13", "2026-10-31"},
		{"python3.11", "python3.13", "2027-06-30"},
		{"java8", "java21", "2024-01-08"}, {"java8.al2", "java21", "2027-06-30"}, {"java11", "java21", "2027-06-30"}, {"java17", "java21", "2027-06-30"},
		{"go1.x", "provided.al2023", "2024-01-08"}, {"provided", "provided.al2023", "2024-01-08"}, {"provided.al2", "provided.al2023", "2026-07-31"},
		{"ruby2.5", "ruby3.4", "2021-07-30"}, {"ruby2.7", "ruby3.4", "2023-12-07"}, {"ruby3.2", "ruby3.4", "2026-03-31"}, {"ruby3.3", "ruby3.4", "2027-03-31"},
		{"dotnetcore1.0", "dotnet10", "2019-06-27"}, {"dotnetcore2.0", "dotnet10", "2019-05-30"}, {"dotnetcore2.1", "dotnet10", "2022-01-05"},
		{"dotnetcore3.1", "dotnet10", "2023-04-03"}, {"dotnet6", "dotnet10", "2024-12-20"}, {"dotnet8", "dotnet10", "2026-11-10"},
	}
}

// tableDate is when endings was written: what was retired then is retired whatever the clock says.
func tableDate() time.Time { return time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) }

// How long after its deprecation a runtime is still taken, with a warning, and how long before it the warning begins.
const (
	afterglow = 180 * 24 * time.Hour
	foresight = 180 * 24 * time.Hour
)

// judgeRuntime answers a refusal for a runtime that is long retired, and a warning for one that is about to be.
func judgeRuntime(name string, now time.Time) (warning string, refusal *commands.Error) {
	for _, e := range endings() {
		if !strings.EqualFold(e.name, name) {
			continue
		}
		at, _ := time.Parse(time.DateOnly, e.date) // a test reads every date
		switch {
		case now.After(at.Add(afterglow)):
			return "", commands.Misuse(fmt.Sprintf("The runtime %s is retired: AWS has given it no security patches since %s.", commands.Mono(e.name), day(at)),
				"Use "+commands.Mono("--runtime "+e.successor)+".")
		case now.After(at):
			return fmt.Sprintf("AWS has given the runtime %s no security patches since %s; its successor is %s.", e.name, day(at), e.successor), nil
		case now.After(at.Add(-foresight)):
			return fmt.Sprintf("AWS retires the runtime %s on %s; its successor is %s.", e.name, day(at), e.successor), nil
		}
	}
	return "", nil
}

func day(t time.Time) string { return t.Format("2 January 2006") }
