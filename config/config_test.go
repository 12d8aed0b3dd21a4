package config_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"deckhand/config"
)

var update = flag.Bool("update", false, "rewrite the problems at the end of testdata/bad-*.yaml")

// vault is a place of secrets that tests can rely on.
func vault(ref config.Ref) (string, error) {
	value, ok := map[string]string{
		"SLACK_BOT_TOKEN":          "xoxb-marked-secret",
		"SLACK_APP_TOKEN":          "xapp-marked-secret",
		"SLACK_SIGNING_SECRET":     "marked-secret",
		"SLACK_SIGNING_SECRET_OLD": "old-marked-secret",
		"DATABASE_URL":             "postgres://deckhand:marked-secret@db/deckhand",
		"API_TOKEN":                "marked-secret-of-an-api",
		"BEAT":                     "a-marked-secret-of-a-job",
		"OTHER_BEAT":               "a-marked-secret-of-another-job",
		"SHORT":                    "marked-secret",
		"ANN_TOTP":                 "MARKEDSECRETMARKEDSECRETMARKEDSE",
		"SHORT_TOTP":               "MARKEDSECRET",
		"PAGER_URL":                "https://pager.example.com/marked-secret",
		"EMPTY":                    " \n",
		"TWO_WORDS":                "marked-secret twice",
		"testdata/bot-token":       "xoxb-marked-secret\n",
	}[filepath.ToSlash(ref.Name)]
	if !ok {
		return "", errors.New("nothing is there")
	}
	return value, nil
}

// heading begins the expected problems, at the end of a file so that no line moves.
const heading = "# problems:\n"

func TestEveryBadFileIsToldEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	for _, path := range glob(t, "testdata/bad-*.yaml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			body, want, _ := strings.Cut(string(raw), heading)
			valid, err := config.Parse(path, raw, vault)
			var problems config.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("the error is %T (%v), not Problems", err, err)
			}
			if !reflect.DeepEqual(valid, config.Config{}) {
				t.Errorf("a configuration came back with the problems: %v", valid)
			}
			if strings.Contains(err.Error(), "marked-secret") || strings.Contains(err.Error(), "AKIAMARKED") {
				t.Errorf("a secret is repeated:\n%s", err)
			}
			got := strings.ReplaceAll("# "+strings.ReplaceAll(err.Error(), "\n", "\n# ")+"\n", "# "+path+":", "# ")
			if *update {
				if err := os.WriteFile(path, []byte(body+heading+got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("problems\n%swanted\n%s", got, want)
			}
		})
	}
}

func TestEveryGoodFileIsTaken(t *testing.T) {
	t.Parallel()
	for _, path := range append(glob(t, "testdata/good-*.yaml"), "../deploy/deckhand.example.yaml") {
		if _, err := config.Load(path, vault); err != nil {
			t.Errorf("%s:\n%v", path, err)
		}
	}
}

func TestTheContractsFileIsReadInFull(t *testing.T) {
	t.Parallel()
	got, err := config.Load("testdata/good-contract.yaml", vault)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Slack: &config.Slack{
			Transport: config.Socket, BotToken: config.NewSecret("xoxb-marked-secret"), AppToken: config.NewSecret("xapp-marked-secret"),
			Listen: "127.0.0.1:3000", APIURL: "https://slack.com/api/", Commands: []string{"/deckhand", "/vm"},
		},
		Admin: config.Admin{Listen: "127.0.0.1:9090"},
		AWS: config.AWS{Region: "us-east-1", Accounts: []config.Account{
			{Name: "prod", RoleARN: "arn:aws:iam::123456789012:role/deckhand", Regions: []string{"us-east-1"}},
		}},
		Store: config.Store{URL: config.NewSecret("sqlite:deckhand.db")},
		Policy: []config.Rule{
			{
				Line: 19, Who: []string{"user:U1", "group:S1"}, What: []string{"vm *"}, Where: []string{"channel:C1"},
				On: map[string]string{"env": "prod"}, Effect: "ask", Approvers: []string{"group:S2"}, Approvals: 1,
			},
			{Line: 20, Who: []string{"*"}, What: []string{"* list", "* show", "help"}, Effect: "allow"},
		},
		Checks: []config.Check{{
			Name: "myapp", URL: "http://myapp.example.com/", Schedule: "@every 1m", Timeout: 5 * time.Second,
			Expect: config.Expect{Status: []int{200}, Body: "ok"}, FailAfter: 3, PassAfter: 2, Channel: "C1",
		}},
		Schedules: []config.Schedule{{LineNumber: 24, Name: "morning", Cron: "0 9 * * 1-5", TimeZone: "Asia/Shanghai", Channel: "C1", Run: "status"}},
		TimeZone:  "UTC",
		Leases:    config.Leases{Warn: time.Hour, Grace: 24 * time.Hour, Then: "stop"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwanted\n%+v", got, want)
	}
}

func TestEveryKindOfCheckIsRead(t *testing.T) {
	t.Parallel()
	got, err := config.Load("testdata/good-checks.yaml", vault)
	if err != nil {
		t.Fatal(err)
	}
	if want := (config.Health{AllowPrivate: true, HeartbeatsOn: "admin", HeartbeatsURL: "https://deckhand.example.com", RDAPURL: "https://rdap.example.com/"}); !reflect.DeepEqual(got.Health, want) {
		t.Errorf("health is %+v", got.Health)
	}
	api := config.Check{
		Name: "api", URL: "https://api.example.com/health", Schedule: "@every 30s", Timeout: 3 * time.Second, FailAfter: 3, PassAfter: 2,
		Request: &config.Request{
			Method: "POST", Headers: map[string]string{"Authorization": "Bearer env:API_TOKEN", "Accept": "application/json"}, Body: `{"ping": 1}`, Redirects: -1,
		},
		Expect: config.Expect{
			Status: []int{200, 201, 202, 204}, Headers: map[string]string{"Content-Type": "application/json"}, JSON: []string{`$.status == "ok"`, "len($.items) > 0"},
			Latency: 800 * time.Millisecond, CertificateDays: 14,
		},
	}
	if !reflect.DeepEqual(got.Checks[0], api) {
		t.Errorf("got\n%+v\nwanted\n%+v", got.Checks[0], api)
	}
	nightly := config.Check{
		Name: "nightly", URL: "heartbeat://nightly", Schedule: "@every 1m", Timeout: 5 * time.Second, FailAfter: 1, PassAfter: 1,
		Heartbeat: &config.Heartbeat{Every: 24 * time.Hour, Grace: 30 * time.Minute, Token: config.NewSecret("a-marked-secret-of-a-job")},
	}
	if !reflect.DeepEqual(got.Checks[5], nightly) {
		t.Errorf("got\n%+v\nwanted\n%+v", got.Checks[5], nightly)
	}
	var urls []string
	for _, check := range got.Checks {
		urls = append(urls, check.URL)
	}
	want := "https://api.example.com/health tcp://10.0.0.5:5432 tls://myapp.example.com dns://example.com?type=MX icmp://10.0.0.5 heartbeat://nightly" +
		" target-group://myapp?region=eu-central-1 ec2://web lambda://counter domain://example.com https://api.example.com/ tls://api.example.com"
	if strings.Join(urls, " ") != want {
		t.Errorf("the addresses are %s", urls)
	}
	if d := got.Checks[9]; d.FailAfter != 1 || d.PassAfter != 1 || d.Timeout != 15*time.Second || d.Expect.CertificateDays != 30 {
		t.Errorf("a domain is %+v", d)
	}
	if far, agreed := got.Checks[10], got.Checks[11]; strings.Join(far.From, " ") != "eu-west-1 us-east-1/inside here" || far.Agree != 2 || strings.Join(agreed.From, " ") != "eu-west-1 here" || agreed.Agree != 1 {
		t.Errorf("from where: %+v, %+v", far, agreed)
	}
	if got.Checks[3].Expect.Records[0] != "mail.example.com" || got.Checks[8].Expect.Errors != 5 {
		t.Errorf("what is expected: %+v, %+v", got.Checks[3].Expect, got.Checks[8].Expect)
	}
}

func TestWhatIsLeftOutHasADefault(t *testing.T) {
	t.Parallel()
	least, err := config.Load("testdata/good-least.yaml", vault)
	if err != nil {
		t.Fatal(err)
	}
	if least.Slack != nil || least.Admin.Listen != "" || least.Store.URL.Reveal() != "sqlite:deckhand.db" || len(least.Policy) != 0 {
		t.Errorf("the least configuration is %+v", least)
	}
	http, err := config.Load("testdata/good-http.yaml", vault)
	if err != nil {
		t.Fatal(err)
	}
	slack := config.Slack{
		Transport: config.HTTP, BotToken: config.NewSecret("xoxb-marked-secret"),
		SigningSecrets: []config.Secret{config.NewSecret("marked-secret"), config.NewSecret("old-marked-secret")},
		Listen:         "127.0.0.1:3000", APIURL: "https://slack.com/api/", Commands: []string{"/deckhand"},
	}
	if !reflect.DeepEqual(*http.Slack, slack) {
		t.Errorf("slack is %+v, wanted %+v", *http.Slack, slack)
	}
	check := config.Check{
		Name: "myapp", URL: "https://myapp.example.com:8443/health?full=1", Schedule: "*/5 * * * *",
		Timeout: 5 * time.Second, FailAfter: 3, PassAfter: 2,
	}
	if !reflect.DeepEqual(http.Checks[0], check) {
		t.Errorf("the check is %+v, wanted %+v", http.Checks[0], check)
	}
	if url := http.Store.URL.Reveal(); url != "postgres://deckhand:marked-secret@db/deckhand" {
		t.Errorf("the store is %s", url)
	}
	rule := config.Rule{
		Line: 11, Who: []string{"config"}, What: []string{"status"}, Where: []string{"*"},
		On: map[string]string{"account": "default", "cost-center": "0042"}, Effect: "ask", Approvers: []string{"group:S1", "terminal:ann"}, Approvals: 2,
	}
	if !reflect.DeepEqual(http.Policy[1], rule) {
		t.Errorf("the rule is %+v, wanted %+v", http.Policy[1], rule)
	}
}

func TestAFileThatIsNotThereIsAProblem(t *testing.T) {
	t.Parallel()
	_, err := config.Load("testdata/no-such.yaml", vault)
	want := "testdata/no-such.yaml: The file cannot be read: no such file or directory. Check the path after --config."
	if err == nil || err.Error() != want {
		t.Errorf("the error is %v, wanted %s", err, want)
	}
}

func TestAFileThatIsTooLargeIsAProblem(t *testing.T) {
	t.Parallel()
	if _, err := config.Parse("x", bytes.Repeat([]byte("#"), 8<<20+1), vault); err == nil {
		t.Error("a file of more than eight mebibytes was taken")
	}
}

func FuzzAnyBytesAreAnswered(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(paths) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		valid, err := config.Parse("f.yaml", raw, vault)
		if err == nil {
			if valid.AWS.Region == "" || valid.Store.URL.Reveal() == "" {
				t.Errorf("taken without a region or a store: %+v", valid)
			}
			return
		}
		var problems config.Problems
		if !errors.As(err, &problems) || len(problems) == 0 {
			t.Fatalf("the error is %T with nothing in it", err)
		}
		lines := bytes.Count(raw, []byte("\n")) + bytes.Count(raw, []byte("\r")) + bytes.Count(raw, []byte("\u0085")) +
			bytes.Count(raw, []byte("\u2028")) + bytes.Count(raw, []byte("\u2029")) + 1
		for _, problem := range problems {
			if problem.Line < 1 || problem.Line > lines+1 || problem.Message == "" || strings.ContainsAny(problem.String(), "\r\n") {
				t.Errorf("of %d lines: %q", lines, problem)
			}
		}
	})
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatal("no files for", pattern, err)
	}
	return paths
}

func TestChannelsAndLeases(t *testing.T) {
	t.Parallel()
	got, err := config.Load("testdata/good-channels.yaml", vault)
	if err != nil {
		t.Fatal(err)
	}
	channels := []config.Channel{{ID: "C1", Account: "prod", Region: "eu-west-1", TimeZone: "Asia/Shanghai"}, {ID: "C2", Account: "default"}, {ID: "C3", Region: "us-west-2"}}
	leases := config.Leases{Warn: 30 * time.Minute, Grace: 12 * time.Hour, Then: "stop", Default: 8 * time.Hour, Max: 720 * time.Hour}
	if !reflect.DeepEqual(got.Channels, channels) || got.Leases != leases {
		t.Errorf("got %+v %+v", got.Channels, got.Leases)
	}
}

func TestNamedSetsOfBlocks(t *testing.T) {
	t.Parallel()
	got, err := config.Parse("x.yaml", []byte("aws: {region: us-east-1}\nnet: {cidr_sets: {office: [203.0.113.0/24, 198.51.100.7], lab: 2001:db8::/32}}\n"), nil)
	want := map[string][]string{"office": {"203.0.113.0/24", "198.51.100.7/32"}, "lab": {"2001:db8::/32"}}
	if err != nil || !reflect.DeepEqual(got.Net.CIDRSets, want) {
		t.Errorf("the sets are %v, %v", got.Net.CIDRSets, err)
	}
}

func TestALoginInARuleIsThePersonWhoseItIs(t *testing.T) {
	t.Parallel()
	got, err := config.Load("testdata/good-people.yaml", vault)
	if err != nil {
		t.Fatal(err)
	}
	rule := got.Policy[0]
	want := config.Rule{
		Line: rule.Line, Who: []string{"user:U1", "terminal:cy"}, What: []string{"vm *"}, Effect: "ask",
		Approvers: []string{"user:U1", "user:U2"}, Approvals: 2, BreakGlass: []string{"user:U2"},
	}
	if !reflect.DeepEqual(rule, want) {
		t.Errorf("the rule is\n%+v\nwant\n%+v", rule, want)
	}
	if people := []config.Person{{Slack: "U1", Terminal: "ann"}, {Slack: "U1", Terminal: "ann.admin"}, {Slack: "U2", Terminal: "bob"}}; !reflect.DeepEqual(got.People, people) {
		t.Errorf("the people are %+v", got.People)
	}
}
