package vm

import (
	"strings"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/commands/commandstest"
)

// worlds says how the world of a story differs from the usual one, by the story's file name.
var worlds = map[string]func(*fakeCloud){
	"list-empty": func(f *fakeCloud) { f.instances = nil },
	"list-many": func(f *fakeCloud) {
		f.instances = nil
		for n := range 45 {
			f.add("i-0f"+string(rune('a'+n%6))+string(rune('0'+n/6)), "node", []aws.InstanceState{aws.Running, aws.Stopped}[n%2], "dev")
		}
	},
	"create-fails": func(f *fakeCloud) { f.arrives["i-0e2"] = aws.Terminated },
	"denied": func(f *fakeCloud) {
		f.refuse["RunInstances"], f.refuse["StopInstances"] = denied, denied
	},
	"stop-in-part":        func(f *fakeCloud) { f.add("i-0a3", "web-3", aws.Running, "dev"); f.arrives["i-0a3"] = aws.Running },
	"terminate-protected": func(f *fakeCloud) { f.protected["i-0b1"] = true },
	"reboot-impaired": func(f *fakeCloud) {
		f.statuses["i-0b1"] = aws.InstanceStatus{ID: "i-0b1", System: "ok", Instance: "impaired"}
	},
	"connect-away": func(f *fakeCloud) {
		f.agents["i-0a1"] = aws.Agent{}
		f.agents["i-0b1"] = aws.Agent{Known: true, Ping: "ConnectionLost", LastPing: now.Add(-time.Hour)}
	},
	"run-fails": func(f *fakeCloud) {
		f.answers["i-0b1"] = aws.Invocation{Status: "Failed", ExitCode: 5, Errors: "Unit shop.service not found.\nfailed to run commands: exit status 5"}
		f.answers["i-0a1"] = aws.Invocation{Status: "Success", Output: strings.Repeat("a line of the journal that is as long as lines of a journal are\n", 40)}
	},
	"resize":       func(f *fakeCloud) { f.market.used = 30 },
	"resize-fails": func(f *fakeCloud) { f.refuse["ModifyInstanceAttribute"] = denied },
	"image-fails":  func(f *fakeCloud) { f.refuse["image"] = denied },
	"console": func(f *fakeCloud) {
		f.console = "[0.0] Linux\r\n\x1b[32m[ OK ]\x1b[0m Started Network.\r\n[1.0] one\r\n[2.0] two\a\r\n\r\nweb-1 login: "
	},
	"metrics": func(f *fakeCloud) {
		f.measured = func(metric string, at time.Time) (float64, bool) {
			minute := float64(at.Sub(now.Add(-4*time.Hour)) / time.Minute)
			return map[string]float64{cpuMetric: minute / 10, inMetric: minute * 60_000, outMetric: 614_400, failMetric: 0}[metric], at.Before(now) && minute > 80
		}
	},
	"reboot-unread": func(f *fakeCloud) { f.refuse["DescribeInstanceStatus"] = denied },
}

// Each file in testdata is a story: lines sent one after the other, each with what was answered.
func TestStories(t *testing.T) {
	t.Parallel()
	commandstest.Stories(t, func(t *testing.T, name string) func(string) string {
		cloud := newFake()
		if change := worlds[name]; change != nil {
			change(cloud)
		}
		return func(line string) string { return commandstest.Told(request(t, cloud).run(t.Context(), line)) }
	})
}
