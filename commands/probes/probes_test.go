package probes

import (
	"context"
	"strings"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/commandstest"
	"deckhand/commands/schedule"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant

// account is an account of AWS: functions and roles, by region and name.
type account struct {
	functions map[string]aws.Function
	roles     map[string]aws.Role
	policies  map[string]string
	acts      map[string]schedule.Act
	checks    []check.Check
	fail      map[string]error // by operation
	codes     int              // updates of code
}

func empty() *account {
	return &account{functions: map[string]aws.Function{}, roles: map[string]aws.Role{}, policies: map[string]string{}, acts: map[string]schedule.Act{}, fail: map[string]error{}}
}

func absent(what string) error {
	return &commands.Error{Kind: commands.NotFound, Message: "There is no " + what + "."}
}

func home(t aws.Target) string {
	if t.Region == "" {
		return "us-east-1"
	}
	return t.Region
}

func (a *account) Place(_ context.Context, t aws.Target) aws.Place {
	return aws.Place{AccountID: "123456789012", AccountName: t.Account, Region: home(t)}
}

func (a *account) Function(_ context.Context, t aws.Target, name, _ string) (aws.Function, error) {
	if f, ok := a.functions[home(t)+"/"+name]; ok {
		return f, nil
	}
	return aws.Function{}, absent("function")
}

func (a *account) Role(_ context.Context, _ aws.Target, name string) (aws.Role, error) {
	if r, ok := a.roles[name]; ok {
		return r, nil
	}
	return aws.Role{}, absent("role")
}

func (a *account) RolesUnder(_ context.Context, _ aws.Target, path string) ([]aws.Role, error) {
	var all []aws.Role
	for _, r := range a.roles {
		if strings.HasPrefix(r.Path, path) {
			r.Tags = nil
			all = append(all, r)
		}
	}
	return all, nil
}

func (a *account) FunctionPrice(context.Context, aws.Target) (aws.FunctionPrice, error) {
	return aws.FunctionPrice{USDPerCall: 0.0000002, USDPerGBSecond: 0.0000166667}, a.fail["GetProducts"]
}

func (a *account) EnsureRole(_ context.Context, _ aws.Target, n aws.NewRole) (aws.Role, error) {
	r := aws.Role{Name: n.Name, ARN: "arn:aws:iam::123456789012:role" + n.Path + n.Name, Path: n.Path, Tags: n.Tags}
	a.roles[n.Name], a.policies[n.Name] = r, n.Policy
	return r, nil
}

func (a *account) CreateFunction(_ context.Context, t aws.Target, n aws.NewFunction) (aws.Function, error) {
	if err := a.fail["CreateFunction"]; err != nil {
		return aws.Function{}, err
	}
	f := aws.Function{
		Name: n.Name, ARN: "arn:aws:lambda:" + home(t) + ":123456789012:function:" + n.Name, Runtime: n.Runtime, Handler: n.Handler, Role: n.Role, Tags: n.Tags, State: "Active",
		Subnets: n.Subnets, Groups: n.Groups, MemoryMB: n.MemoryMB, Timeout: n.Timeout, CodeSHA256: hash(n.Code.Zip),
	}
	a.functions[home(t)+"/"+n.Name] = f
	return f, nil
}

func (a *account) UpdateFunctionCode(_ context.Context, t aws.Target, name string, code aws.FunctionCode, _ []string) error {
	f := a.functions[home(t)+"/"+name]
	f.CodeSHA256 = hash(code.Zip)
	a.functions[home(t)+"/"+name] = f
	a.codes++
	return nil
}

func (a *account) WaitForFunction(ctx context.Context, t aws.Target, name string, _ func(aws.Function)) (aws.Function, error) {
	return a.Function(ctx, t, name, "")
}

func (a *account) DeleteFunction(_ context.Context, t aws.Target, name string) error {
	if err := a.fail["DeleteFunction "+home(t)]; err != nil {
		return err
	}
	delete(a.functions, home(t)+"/"+name)
	return nil
}

func (a *account) DeleteRole(_ context.Context, _ aws.Target, name string) error {
	delete(a.roles, name)
	return nil
}

func (a *account) Checks(context.Context) ([]check.Check, error) { return a.checks, nil }

func (a *account) PutActs(_ context.Context, acts []schedule.Act, without ...string) error {
	for _, key := range without {
		delete(a.acts, key)
	}
	for _, act := range acts {
		a.acts[act.Key] = act
	}
	return nil
}

func (a *account) PutOff(context.Context, schedule.Act, time.Time) error { return nil }

func (a *account) Acts(context.Context, time.Time) ([]schedule.Act, error) {
	var all []schedule.Act
	for _, act := range a.acts {
		all = append(all, act)
	}
	return all, nil
}

func (a *account) ActDone(_ context.Context, act schedule.Act) error {
	delete(a.acts, act.Key)
	return nil
}

func group(a *account) []commands.Command { return Commands(Room{Cloud: a, Checks: a, Acts: a}) }

// typed runs a line as a request of its own.
func typed(t *testing.T, a *account, token, line string) string {
	t.Helper()
	report, err := commandstest.Run(t.Context(), t, group(a), &commands.Run{ID: "R-1", Token: token, Asker: commands.Asker{User: "U1", Channel: "C1"}, Now: now}, line)
	return told(report, err)
}

// told is what a person reads, and the line that takes it back.
func told(report commands.Report, err error) string {
	text := commandstest.Told(report, err)
	if report.Undo != "" {
		text += "undo: " + report.Undo + "\n"
	}
	return text
}

const inVPC = " --subnet-ids subnet-1 --subnet-ids subnet-0 --security-group-ids sg-1"

func TestAProbeIsMadeListedAndRemoved(t *testing.T) {
	t.Parallel()
	a := empty()
	commandstest.Want(t, typed(t, a, "t1", "probe create --region eu-west-1 --plan"), "Would make a probe that looks from eu-west-1", "no rights in AWS", "$0.19 a month")
	if len(a.functions)+len(a.roles) > 0 {
		t.Fatal("a plan made something")
	}
	commandstest.Want(t, typed(t, a, "t1", "probe create --region eu-west-1"), "[good] Made a probe that looks from eu-west-1", "undo: probe delete eu-west-1")
	f := a.functions["eu-west-1/deckhand-probe"]
	if f.Runtime != "python3.13" || f.Handler != "index.lambda_handler" || f.Timeout != 70 || f.Tags["deckhand:probe"] != "eu-west-1" || f.Tags["deckhand:request"] != "R-1" || f.Tags["deckhand:owner"] != "U1" {
		t.Errorf("%+v", f)
	}
	if role := a.roles["deckhand-probe-eu-west-1"]; role.Path != "/deckhand-probe/eu-west-1/" || a.policies[role.Name] != "" || f.Role != role.ARN {
		t.Errorf("%+v, %q", role, a.policies[role.Name])
	}
	again := typed(t, a, "t2", "probe create eu-west-1")
	commandstest.Want(t, again, "was there already, and is up to date")
	if strings.Contains(again, "undo:") {
		t.Errorf("it offers to take away what it did not make: %s", again)
	}
	typed(t, a, "t3", "probe create")
	a.checks = []check.Check{{Name: "shop", From: []string{"eu-west-1", "here"}, Agree: 1}, {Name: "far", From: []string{"sa-east-1"}, Agree: 1}}
	commandstest.Want(t, typed(t, a, "", "probe list"), "2 probes", "sa-east-1   no function", "up to date", "not measured from there")
	commandstest.Want(t, typed(t, a, "", "probe show eu-west-1"), "The probe eu-west-1", "shop", "$0.19 a month")
	commandstest.Want(t, typed(t, a, "", "probe show sa-east-1"), "[not_found] There is no probe sa-east-1.")
	commandstest.Want(t, typed(t, a, "t4", "probe delete --all"), "Removed 2 probes", "Not measured from eu-west-1 without it: shop.")
	if len(a.functions)+len(a.roles)+len(a.acts) > 0 {
		t.Errorf("it left %v %v %v", a.functions, a.roles, a.acts)
	}
	commandstest.Want(t, typed(t, a, "t5", "probe delete --all"), "There were no probes")
}

func TestAProbeInsideOfAVPC(t *testing.T) {
	t.Parallel()
	a := empty()
	commandstest.Want(t, typed(t, a, "t1", "probe create eu-west-1/inside"+inVPC), "Made a probe that looks from eu-west-1/inside", "inside of subnet-0 and subnet-1, in sg-1")
	policy := a.policies["deckhand-probe-inside-eu-west-1"]
	commandstest.Want(t, policy, "ec2:CreateNetworkInterface", `"Deny"`, `"lambda:SourceFunctionArn":"arn:aws:lambda:eu-west-1:123456789012:function:deckhand-probe-inside"`)
	commandstest.Want(t, typed(t, a, "t2", "probe create eu-west-1/inside"), "stands elsewhere already")
	said := typed(t, a, "t3", "probe delete eu-west-1/inside")
	commandstest.Want(t, said, "Removed the probe eu-west-1/inside", "goes by itself 45 minutes later", "undo: probe create eu-west-1/inside --subnet-ids subnet-0 --subnet-ids subnet-1 --security-group-ids sg-1")
	act := a.acts["probe eu-west-1/inside role"]
	if act.Line != "probe delete eu-west-1/inside" || !act.Due.Equal(now.Add(45*time.Minute)) || len(a.roles) != 1 {
		t.Fatalf("%+v, %v", act, a.roles)
	}
	// Too early, the role is left alone: Lambda may need it.
	commandstest.Want(t, typed(t, a, "t4", "probe delete eu-west-1/inside"), "its role goes by itself")
	commandstest.Want(t, typed(t, a, "t5", "probe delete --all"), "There were no probes")
	if len(a.roles) != 1 {
		t.Fatal("the role went too early")
	}
	// Made again, the probe keeps its role.
	typed(t, a, "t6", "probe create eu-west-1/inside"+inVPC)
	if len(a.acts) > 0 {
		t.Errorf("the role of a new probe would go: %v", a.acts)
	}
	typed(t, a, "t7", "probe delete eu-west-1/inside")
	a.acts = map[string]schedule.Act{} // its time has come
	commandstest.Want(t, typed(t, a, "t8", "probe delete eu-west-1/inside"), "Removed the probe eu-west-1/inside")
	if len(a.roles) > 0 {
		t.Errorf("the role stays: %v", a.roles)
	}
}

func TestWhatWasNotMadeAsAProbeIsLeftAlone(t *testing.T) {
	t.Parallel()
	a := empty()
	a.functions["us-east-1/deckhand-probe"] = aws.Function{Name: "deckhand-probe", State: "Active"}
	a.roles["deckhand-probe-us-east-1"] = aws.Role{Name: "deckhand-probe-us-east-1", Path: "/deckhand-probe/us-east-1/"}
	commandstest.Want(t, typed(t, a, "t1", "probe create us-east-1"), "not made as a probe, so it is left alone")
	commandstest.Want(t, typed(t, a, "t1", "probe delete us-east-1"), "There is no probe us-east-1")
	commandstest.Want(t, typed(t, a, "t1", "probe delete --all"), "There were no probes")
	if len(a.functions) != 1 || len(a.roles) != 1 {
		t.Error("something of somebody else's is gone")
	}
}

func TestAnOldProgramIsBroughtUpToDate(t *testing.T) {
	t.Parallel()
	a := empty()
	typed(t, a, "t1", "probe create us-east-1")
	f := a.functions["us-east-1/deckhand-probe"]
	f.CodeSHA256 = "another"
	a.functions["us-east-1/deckhand-probe"] = f
	commandstest.Want(t, typed(t, a, "", "probe list"), "another one")
	said := typed(t, a, "t2", "probe create us-east-1")
	commandstest.Want(t, said, "Brought the probe us-east-1 up to date")
	if a.codes != 1 || strings.Contains(said, "undo:") {
		t.Errorf("%d updates: %s", a.codes, said)
	}
}

func TestWhatFailsHalfwaySaysWhatStands(t *testing.T) {
	t.Parallel()
	a := empty()
	a.fail["CreateFunction"] = &commands.Error{Kind: commands.Denied, Message: "AWS says no."}
	commandstest.Want(t, typed(t, a, "t1", "probe create us-east-1"), "[denied] AWS says no.", "the role deckhand-probe-us-east-1 stands")
	commandstest.Want(t, typed(t, a, "", "probe list"), "no function, its role stands")
	delete(a.fail, "CreateFunction")
	typed(t, a, "t2", "probe create us-east-1")
	typed(t, a, "t3", "probe create eu-west-1")
	a.fail["DeleteFunction us-east-1"] = &commands.Error{Kind: commands.Unavailable, Message: "AWS is away."}
	run := &commands.Run{ID: "R-9", Token: "t9", Now: now}
	said := commandstest.Told(commandstest.Run(t.Context(), t, group(a), run, "probe delete --all"))
	commandstest.Want(t, said, "Removed in part", "Gone: eu-west-1", "Of us-east-1 and what comes after it")
	delete(a.fail, "DeleteFunction us-east-1")
	commandstest.Want(t, commandstest.Told(commandstest.Check(t.Context(), t, group(a), run, "probe delete --all")), "Not everything is gone")
	commandstest.Want(t, typed(t, a, "t10", "probe delete --all"), "Removed the probe us-east-1")
	commandstest.Want(t, commandstest.Told(commandstest.Check(t.Context(), t, group(a), run, "probe delete --all")), "Everything is gone")
}

// TestACutShortRunGoesOn: the same request, run again with its journal, finds what it made.
func TestACutShortRunGoesOn(t *testing.T) {
	t.Parallel()
	a := empty()
	run := &commands.Run{ID: "R-1", Token: "t1", Now: now, Journal: commandstest.Journal{}}
	a.fail["CreateFunction"] = &commands.Error{Kind: commands.Uncertain, Message: "No answer came."}
	commandstest.Want(t, commandstest.Told(commandstest.Run(t.Context(), t, group(a), run, "probe create us-east-1")), "[uncertain]")
	commandstest.Want(t, commandstest.Told(commandstest.Check(t.Context(), t, group(a), run, "probe create us-east-1")), "shows no probe that this request made")
	delete(a.fail, "CreateFunction")
	commandstest.Want(t, told(commandstest.Run(t.Context(), t, group(a), run, "probe create us-east-1")), "Made a probe", "undo: probe delete us-east-1")
	commandstest.Want(t, commandstest.Told(commandstest.Check(t.Context(), t, group(a), run, "probe create us-east-1")), "a probe that looks from us-east-1")
}

func TestLinesThatCannotWork(t *testing.T) {
	t.Parallel()
	for line, says := range map[string]string{
		"probe create here":                             "no probe is needed",
		"probe create eu-west":                          "is no probe's place",
		"probe create us-east-1,eu-west-1":              "A line is about one probe",
		"probe create --region us-east-1,eu-west-1":     "A line is about one probe",
		"probe create eu-west-1 --region us-east-1":     "says two places",
		"probe create --name In":                        "is no name of a probe",
		"probe create --subnet-ids subnet-1":            "needs its subnets and its security groups",
		"probe create --subnet-ids web --sg sg-1":       "is no id that begins with subnet-",
		"probe delete eu-west-1 --all":                  "one probe and all of them",
		"probe create eu-west-1/a --name b":             "says two places",
		"probe create prod:eu-west-1 --account staging": "says two places",
	} {
		_, _, err := commandstest.Runner(t, group(empty()), line)
		if err == nil || !strings.Contains(commands.Words(err).Message, says) {
			t.Errorf("%s: %v", line, err)
		}
	}
}
