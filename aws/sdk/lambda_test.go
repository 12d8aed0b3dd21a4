package sdk_test

import (
	"archive/zip"
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/aws/sandbox"
	"deckhand/aws/sdk"
)

const mark = "deckhand:function"

// archive is a deployment package with one file, index.py.
func archive(t *testing.T, source string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	file, err := w.Create("index.py")
	must(t, err)
	_, err = file.Write([]byte(source))
	must(t, err)
	must(t, w.Close())
	return out.Bytes()
}

// counting makes everything that the counting example needs, and waits for it.
func counting(t *testing.T, c *sdk.Cloud) aws.Function {
	t.Helper()
	ctx, tags := t.Context(), map[string]string{mark: "counter", "deckhand:request": "R-1"}
	table, err := c.EnsureTable(ctx, here, aws.CountTable{Name: "counter-count", Tags: tags, Mark: mark})
	must(t, err)
	if table.Status != "ACTIVE" {
		t.Errorf("the table is %s", table.Status)
	}
	role, err := c.EnsureRole(ctx, here, aws.NewRole{
		Name: "counter-role", Trust: "{}", Policy: `{"Action":["dynamodb:UpdateItem"]}`, PolicyName: "deckhand", Tags: tags, Mark: mark,
	})
	must(t, err)
	_, err = c.CreateFunction(ctx, here, aws.NewFunction{
		Name: "counter", Tags: tags, Mark: "deckhand:request", Code: aws.FunctionCode{Zip: archive(t, `"""deckhand example: counter"""`)},
		FunctionSettings: aws.FunctionSettings{
			Granted: true, Role: role.ARN, Runtime: "python3.13", Handler: "index.lambda_handler", Environment: map[string]string{"COUNT_TABLE": table.Name},
		},
	})
	must(t, err)
	f, err := c.WaitForFunction(ctx, here, "counter", nil)
	must(t, err)
	return f
}

func TestANewRoleIsTriedAgainUntilLambdaKnowsIt(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		begun := time.Now()
		f := counting(t, c)
		if n := count(w, "CreateFunction"); n < 2 || time.Since(begun) > 30*time.Second {
			t.Errorf("%d calls in %s", n, time.Since(begun))
		}
		if f.State != "Active" || f.Runtime != "python3.13" || f.Tags["deckhand:request"] != "R-1" || f.ModifiedAt.IsZero() || f.LogGroup != "/aws/lambda/counter" {
			t.Errorf("made %+v", f)
		}
	})
}

func TestARoleAndATableAreReadAsTheyWereMade(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		const trust = `{"Statement":[{"Action":"sts:AssumeRole","Note":"a+b c%20d"}]}`
		_, err := c.EnsureRole(t.Context(), here, aws.NewRole{
			Name: "r", Description: "Mine", Trust: trust, Policy: `{"Action":["dynamodb:UpdateItem"]}`, PolicyName: "deckhand", Tags: map[string]string{"deckhand:request": "R-1"},
		})
		must(t, err)
		role, err := c.RoleText(t.Context(), here, "r")
		must(t, err)
		if role.Trust != trust || role.Policies["deckhand"] != `{"Action":["dynamodb:UpdateItem"]}` || role.Description != "Mine" || role.Tags["deckhand:request"] != "R-1" || role.SessionSeconds != 3600 {
			t.Errorf("read %+v", role)
		}
		_, err = c.RoleText(t.Context(), here, "nobody")
		wantError(t, err, "not_found", "nobody")
		counting(t, c)
		table, err := c.Table(t.Context(), here, "counter-count")
		must(t, err)
		if !table.Plain {
			t.Errorf("read %+v", table)
		}
	})
}

func TestARoleThatLambdaNeverAcceptsEndsInAWSsWords(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		counting(t, c)
		refusing := sandbox.New(sandbox.Options{Settle: time.Hour})
		c = cloudOn(t, refusing, sdk.Settings{})
		role, err := c.EnsureRole(t.Context(), here, aws.NewRole{Name: "r", Trust: "{}", Policy: "{}", PolicyName: "p"})
		must(t, err)
		_, err = c.CreateFunction(t.Context(), here, aws.NewFunction{
			Name: "f", Code: aws.FunctionCode{S3Bucket: "b", S3Key: "k"},
			FunctionSettings: aws.FunctionSettings{Granted: true, Role: role.ARN, Runtime: "python3.13", Handler: "a.b"},
		})
		wantError(t, err, "usage", "cannot be assumed by Lambda")
	})
}

// What this process did not make is missing for good, and is told so at once.
func TestWhatWasNeverThereIsNotWaitedForLong(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		begun := time.Now()
		err := c.GrantInvoke(t.Context(), here, "nobody", aws.Grant{ID: "g", Principal: "events.amazonaws.com"}, "")
		wantError(t, err, "not_found", "nobody")
		err = c.TargetFunction(t.Context(), here, "no-rule", "deckhand", "arn:aws:lambda:us-east-1:123456789012:function:nobody")
		wantError(t, err, "not_found", "no-rule")
		_, err = c.CreateAPIRoute(t.Context(), here, "noapi12345", aws.APIRoute{Key: "GET /", Authorization: "NONE", IntegrationID: "i"})
		wantError(t, err, "not_found", "noapi12345")
		if took := time.Since(begun); took > 12*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func TestAFunctionIsMadeOnceHoweverOftenItIsAsked(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		w.LoseAnswer("CreateFunction", 1)
		counting(t, c)
		counting(t, c)
		all, err := c.Functions(t.Context(), here)
		must(t, err)
		if len(all) != 1 {
			t.Errorf("there are %d functions", len(all))
		}
		_, err = c.CreateFunction(t.Context(), here, aws.NewFunction{
			Name: "counter", Mark: "deckhand:request", Tags: map[string]string{"deckhand:request": "R-2"}, Code: aws.FunctionCode{S3Bucket: "b", S3Key: "k"},
			FunctionSettings: aws.FunctionSettings{Role: "arn:aws:iam::123456789012:role/x", Runtime: "python3.13", Handler: "a.b"},
		})
		wantError(t, err, "failed", "already", "lambda update counter")
		_, err = c.EnsureRole(t.Context(), here, aws.NewRole{Name: "lambda-ex", Trust: "{}", Policy: "{}", PolicyName: "p", Mark: mark, Tags: map[string]string{mark: "x"}})
		wantError(t, err, "failed", "left alone")
		_, err = c.EnsureTable(t.Context(), here, aws.CountTable{Name: "counter-count", Mark: mark, Tags: map[string]string{mark: "other"}})
		wantError(t, err, "failed", "left alone")
	})
}

func TestTheCounterCounts(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		counting(t, c)
		ctx := t.Context()
		_, err := c.InvokeFunction(ctx, here, aws.FunctionCall{Function: "counter", Rehearse: true})
		must(t, err)
		for _, want := range []string{`"body": "1"`, `"body": "2"`} {
			answer, err := c.InvokeFunction(ctx, here, aws.FunctionCall{Function: "counter", Payload: []byte("{}")})
			must(t, err)
			if !strings.Contains(string(answer.Payload), want) || !strings.Contains(answer.Log, "Count updated!") || answer.Failure != "" {
				t.Errorf("answered %s, log %q, %s", answer.Payload, answer.Log, answer.Failure)
			}
		}
		_, err = c.InvokeFunction(ctx, here, aws.FunctionCall{Function: "counter", Payload: []byte("{")})
		wantError(t, err, "failed", "json")
		must(t, c.DeleteTable(ctx, here, "counter-count"))
		time.Sleep(5 * time.Second) // until the table is gone, in the time of the bubble
		answer, err := c.InvokeFunction(ctx, here, aws.FunctionCall{Function: "counter"})
		must(t, err)
		if answer.Failure != "Unhandled" || !strings.Contains(string(answer.Payload), "ResourceNotFoundException") {
			t.Errorf("without its table it answered %s %s", answer.Failure, answer.Payload)
		}
	})
}

func TestAnInvocationIsNotRepeatedWhenItsAnswerIsLost(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		counting(t, c)
		w.LoseAnswer("Invoke", 1)
		_, err := c.InvokeFunction(t.Context(), here, aws.FunctionCall{Function: "counter"})
		wantError(t, err, "uncertain", "may have been done")
		if n := count(w, "Invoke"); n != 1 {
			t.Errorf("invoked %d times", n)
		}
	})
}

func TestVersionsAndAliases(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		f := counting(t, c)
		ctx := t.Context()
		first, err := c.PublishVersion(ctx, here, "counter", f.CodeSHA256, "first")
		must(t, err)
		again, err := c.PublishVersion(ctx, here, "counter", "", "")
		must(t, err)
		must(t, c.UpdateFunctionSettings(ctx, here, "counter", aws.FunctionSettings{Timeout: 10}))
		if f, err = c.WaitForFunction(ctx, here, "counter", nil); err != nil || f.Timeout != 10 || f.MemoryMB != 128 || f.Environment["COUNT_TABLE"] == "" {
			t.Fatalf("%+v, %v", f, err)
		}
		second, err := c.PublishVersion(ctx, here, "counter", "", "")
		must(t, err)
		if first != "1" || again != "1" || second != "2" {
			t.Errorf("published %s, %s, %s", first, again, second)
		}
		must(t, c.PointAlias(ctx, here, "counter", aws.FunctionAlias{Name: "live", Version: "1"}))
		must(t, c.PointAlias(ctx, here, "counter", aws.FunctionAlias{Name: "live", Version: "2"}))
		aliases, err := c.FunctionAliases(ctx, here, "counter")
		must(t, err)
		if len(aliases) != 1 || aliases[0].Version != "2" {
			t.Errorf("aliases %+v", aliases)
		}
		answer, err := c.InvokeFunction(ctx, here, aws.FunctionCall{Function: "counter", Qualifier: "live"})
		must(t, err)
		if answer.Version != "2" {
			t.Errorf("version %s ran", answer.Version)
		}
		begun := time.Now()
		must(t, c.PointAlias(ctx, here, "counter", aws.FunctionAlias{Name: "live", Version: "1", Other: "2", Share: 0.5}))
		if aliases, err = c.FunctionAliases(ctx, here, "counter"); err != nil || aliases[0].Version != "1" || aliases[0].Other != "2" || aliases[0].Share != 0.5 {
			t.Errorf("shared: %+v, %v", aliases, err)
		}
		for range 4 {
			_, err := c.InvokeFunction(ctx, here, aws.FunctionCall{Function: "counter", Qualifier: "live"})
			must(t, err)
		}
		for version, want := range map[string]int{"1": 2, "2": 3} { // one call of version 2 was before
			n, err := c.VersionErrors(ctx, here, "counter", "live", version, begun, time.Now().Add(time.Second))
			if must(t, err); n.Invocations != want {
				t.Errorf("version %s: %+v", version, n)
			}
		}
		wantError(t, c.PointAlias(ctx, here, "counter", aws.FunctionAlias{Name: "live", Version: "1", Other: "$LATEST", Share: 0.5}), "usage")
		wantError(t, c.PointAlias(ctx, here, "counter", aws.FunctionAlias{Name: "none", Version: "1", Other: "2", Share: 0.5}), "not_found")
		must(t, c.PointAlias(ctx, here, "counter", aws.FunctionAlias{Name: "live", Version: "2"}))
		if aliases, err = c.FunctionAliases(ctx, here, "counter"); err != nil || aliases[0].Other != "" {
			t.Errorf("alone: %+v, %v", aliases, err)
		}
		wantError(t, c.PointAlias(ctx, here, "counter", aws.FunctionAlias{Name: "live", Version: "9"}), "not_found")
		wantError(t, c.UpdateFunctionSettings(ctx, here, "counter", aws.FunctionSettings{Timeout: 5, Revision: "old"}), "failed", "Revision")
	})
}

func TestAnInstanceThatStartsInvokesTheFunction(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		f := counting(t, c)
		ctx := t.Context()
		launch(t, c, small("before"))
		rule := aws.EventRule{
			Name: "deckhand-counter-ec2", Tags: map[string]string{mark: "counter"},
			Pattern: `{"source":["aws.ec2"],"detail-type":["EC2 Instance State-change Notification"],"detail":{"state":["running"]}}`,
		}
		arn, err := c.PutEventRule(ctx, here, rule)
		must(t, err)
		must(t, c.TargetFunction(ctx, here, rule.Name, "deckhand", f.ARN))
		launch(t, c, small("not allowed"))
		g := aws.Grant{ID: rule.Name, Principal: "events.amazonaws.com", SourceARN: arn}
		must(t, c.GrantInvoke(ctx, here, "counter", g, ""))
		must(t, c.GrantInvoke(ctx, here, "counter", g, "")) // the same again
		launch(t, c, small("counted"))
		lines, whole, err := c.LogLines(ctx, here, aws.LogQuery{Group: f.LogGroup, Pattern: "Count", Since: time.Now().Add(-time.Hour), Most: 10})
		must(t, err)
		if len(lines) != 1 || !whole || lines[0].Text != "Count updated!\n" {
			t.Errorf("the log has %+v", lines)
		}
		names, err := c.RulesFor(ctx, here, f.ARN)
		must(t, err)
		grants, err := c.FunctionGrants(ctx, here, "counter")
		must(t, err)
		seen, err := c.EventRule(ctx, here, rule.Name)
		must(t, err)
		if len(names) != 1 || len(grants) != 1 || grants[0] != g || seen.Tags[mark] != "counter" || !seen.Enabled {
			t.Errorf("%v, %+v, %+v", names, grants, seen)
		}
		must(t, c.DeleteEventRule(ctx, here, rule.Name))
		must(t, c.DeleteEventRule(ctx, here, rule.Name))
		must(t, c.RevokeInvoke(ctx, here, "counter", rule.Name))
		must(t, c.RevokeInvoke(ctx, here, "counter", rule.Name))
		_, err = c.EventRule(ctx, here, rule.Name)
		wantError(t, err, "not_found")
	})
}

// The example counts every run, whoever runs it: an API, a rule, a call.
func TestTheExampleCountsWhoeverRunsIt(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		f, ctx := counting(t, c), t.Context()
		a, err := c.CreateAPI(ctx, here, aws.API{Name: "counts"})
		must(t, err)
		behind, err := c.CreateAPIIntegration(ctx, here, a.ID, aws.APIIntegration{Kind: "AWS_PROXY", Target: f.ARN})
		must(t, err)
		_, err = c.CreateAPIRoute(ctx, here, a.ID, aws.APIRoute{Key: "GET /count", Authorization: "NONE", IntegrationID: behind.ID})
		must(t, err)
		_, err = c.CreateAPIStage(ctx, here, a.ID, aws.APIStage{Name: "$default", AutoDeploy: true})
		must(t, err)
		must(t, c.GrantInvoke(ctx, here, "counter", aws.Grant{ID: "api", Principal: "apigateway.amazonaws.com", SourceARN: "arn:aws:execute-api:us-east-1:123456789012:" + a.ID + "/*/GET/count"}, ""))
		rule := aws.EventRule{Name: "running", Pattern: `{"source":["aws.ec2"],"detail-type":["EC2 Instance State-change Notification"],"detail":{"state":["running"]}}`}
		arn, err := c.PutEventRule(ctx, here, rule)
		must(t, err)
		must(t, c.GrantInvoke(ctx, here, "counter", aws.Grant{ID: "rule", Principal: "events.amazonaws.com", SourceARN: arn}, ""))
		must(t, c.TargetFunction(ctx, here, rule.Name, "deckhand", f.ARN))

		host := strings.TrimPrefix(a.Endpoint, "https://")
		if got := w.CallAPI(host, "GET", "/count"); got.Status != http.StatusOK || got.Body != "1" {
			t.Errorf("the API answered %+v", got)
		}
		launch(t, c, small("counted"))
		answer, err := c.InvokeFunction(ctx, here, aws.FunctionCall{Function: "counter", Payload: []byte("{}")})
		must(t, err)
		if !strings.Contains(string(answer.Payload), `"body": "3"`) && !strings.Contains(string(answer.Payload), `"body":"3"`) || !strings.Contains(answer.Log, "Count updated!") {
			t.Errorf("the call answered %s, %s", answer.Payload, answer.Log)
		}
		if got := w.CallAPI(host, "GET", "/count"); got.Body != "4" {
			t.Errorf("the API answered %+v", got)
		}
	})
}

func TestAScheduleInvokesTheFunction(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		f := counting(t, c)
		ctx := t.Context()
		arn, err := c.PutEventRule(ctx, here, aws.EventRule{Name: "tick", Schedule: "rate(5 minutes)"})
		must(t, err)
		w.Fail("AddPermission", "ResourceNotFoundException", 2) // the function was made just now
		must(t, c.GrantInvoke(ctx, here, "counter", aws.Grant{ID: "tick", Principal: "events.amazonaws.com", SourceARN: arn}, ""))
		must(t, c.TargetFunction(ctx, here, "tick", "deckhand", f.ARN))
		time.Sleep(16 * time.Minute) // in the time of the bubble
		lines, _, err := c.LogLines(ctx, here, aws.LogQuery{Group: f.LogGroup, Pattern: "Count", Since: time.Now().Add(-time.Hour), Most: 2})
		must(t, err)
		if len(lines) != 2 || lines[1].At.Sub(lines[0].At) != 5*time.Minute {
			t.Errorf("the last lines are %+v", lines)
		}
		_, err = c.PutEventRule(ctx, here, aws.EventRule{Name: "bad", Schedule: "rate(5 minute)"})
		wantError(t, err, "usage", "ScheduleExpression")
	})
}

func TestEverythingOfAFunctionCanBeRemovedTwice(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		counting(t, c)
		ctx := t.Context()
		for range 2 {
			must(t, c.DeleteFunction(ctx, here, "counter"))
			must(t, c.DeleteRole(ctx, here, "counter-role"))
			must(t, c.DeleteTable(ctx, here, "counter-count"))
			must(t, c.DeleteLogGroup(ctx, here, "/aws/lambda/counter"))
		}
		_, err := c.Role(ctx, here, "counter-role")
		wantError(t, err, "not_found")
	})
}

func TestATableThatIsJustBeingDeletedIsWaitedForAndMadeAnew(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		n := aws.CountTable{Name: "counter-count", Mark: "m", Tags: map[string]string{"m": "mine"}}
		_, err := c.EnsureTable(t.Context(), here, n)
		must(t, err)
		must(t, c.DeleteTable(t.Context(), here, n.Name))
		again, err := c.EnsureTable(t.Context(), here, n)
		must(t, err)
		if again.Status != "ACTIVE" || count(w, "CreateTable") != 3 {
			t.Errorf("%s after %d makings", again.Status, count(w, "CreateTable"))
		}
	})
}
