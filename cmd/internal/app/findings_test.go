package app_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"deckhand/aws/sdk"
	"deckhand/bot/slack/slacktest"
	"deckhand/cmd/internal/app"
)

// The secrets of a script carry a mark that nothing else has.
const (
	secretMark    = "MARKEDSECRET"
	signingSecret = secretMark + "signing"
	botToken      = "xoxb-" + secretMark
)

// findings are what no script may show.
type findings struct {
	mu    sync.Mutex
	found map[string]bool
	ran   map[string]bool // commands that asked AWS for something
	undos int             // lines that were promised to take something back
	logs  int             // scripts that logged something; the shortest end before there is anything to log
}

func (f *findings) add(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.found == nil {
		f.found = map[string]bool{}
	}
	f.found[fmt.Sprintf(format, args...)] = true
}

func (f *findings) saw(command string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ran == nil {
		f.ran = map[string]bool{}
	}
	f.ran[command] = true
}

func (f *findings) report(t *testing.T) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	vocabulary, err := app.Vocabulary()
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range vocabulary.All() {
		if len(command.Rights) > 0 && !f.ran[command.Name] {
			t.Log("no script asked AWS for anything by", command.Name)
		}
	}
	if f.logs == 0 && len(f.ran) > 0 {
		t.Error("scripts asked AWS and left no log to look into")
	}
	if f.undos == 0 && f.ran["vm terminate"] {
		t.Error("scripts made things, and no report had a line that takes one back")
	}
	for _, finding := range slices.Sorted(maps.Keys(f.found)) {
		t.Error(finding)
	}
}

// goesWith are the rights that AWS asks for besides, because what is made is tagged at once, or given a role.
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
var goesWith = map[string][]string{ //nolint:gochecknoglobals // a constant table
	"ec2:RunInstances": {"ec2:CreateTags", "iam:PassRole"}, "ec2:CreateVpc": {"ec2:CreateTags"}, "ec2:CreateSubnet": {"ec2:CreateTags"},
	"ec2:CreateSecurityGroup": {"ec2:CreateTags"}, "ec2:CreateInternetGateway": {"ec2:CreateTags"}, "ec2:CreateRouteTable": {"ec2:CreateTags"},
	"ec2:CreateNatGateway": {"ec2:CreateTags"}, "ec2:AllocateAddress": {"ec2:CreateTags"},
	"elasticloadbalancing:CreateLoadBalancer": {"elasticloadbalancing:AddTags", "ec2:DescribeAccountAttributes", "ec2:DescribeAddresses", "ec2:DescribeInternetGateways", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs", "iam:CreateServiceLinkedRole"},
	"elasticloadbalancing:RegisterTargets":    {"ec2:DescribeInstances", "ec2:DescribeInternetGateways", "ec2:DescribeSubnets", "ec2:DescribeVpcs"}, "elasticloadbalancing:CreateTargetGroup": {"elasticloadbalancing:AddTags"},
	"lambda:CreateFunction": {"lambda:TagResource", "iam:PassRole"}, "iam:CreateRole": {"iam:TagRole"},
}

func (f *findings) sawLog(text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if text != "" {
		f.logs++
	}
}

// watchRights compares each call of AWS with what its command says that it needs: a session of somebody who acts can do nothing else.
func (f *findings) watchRights(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("WatchRights", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		action := sdk.ActionOf(awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx))
		errand, known := sdk.ErrandOf(ctx)
		f.saw(errand.Command)
		for _, needed := range append([]string{action}, goesWith[action]...) {
			if known && action != "" && !slices.Contains(errand.Actions, needed) {
				f.add("%s calls %s and does not say that it needs %s", errand.Command, action, needed)
			}
		}
		return next.HandleInitialize(ctx, in)
	}), middleware.After)
}

// lookForSecrets looks into everything that a script left behind.
func (h *stage) lookForSecrets(script string, into *findings) {
	places := map[string]string{"the log": h.log.text()}
	for _, channel := range []string{"C_OPS", "C_GENERAL", "C_SAFE", "C_DAY"} {
		places["a message in "+channel] = contents(h.workspace.Messages(channel))
	}
	for _, user := range []string{"U_ALICE", "U_BOB", "U_EVE"} {
		places["what "+user+" was shown"] = contents(h.workspace.Ephemerals(user))
	}
	files, _ := filepath.Glob(h.database + "*")
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			into.add("%s: %v", script, err)
		}
		places["the file "+filepath.Base(file)] = string(raw)
	}
	if len(files) == 0 {
		into.add("%s left no database to look into", script)
	}
	into.sawLog(places["the log"])
	for place, text := range places {
		if strings.Contains(text, secretMark) {
			into.add("%s: a secret is in %s", script, place)
		}
		for _, code := range h.given {
			if codeIn(text, code) {
				into.add("%s: the code of a second factor is in %s", script, place)
			}
		}
	}
}

// codeIn tells whether a code stands somewhere as a word: six digits within longer numbers are in every database.
func codeIn(text, code string) bool {
	return regexp.MustCompile(`[ "'=:]` + code + `([^0-9]|$)`).MatchString(text)
}

func contents(messages []slacktest.Message) string {
	var out strings.Builder
	for _, m := range messages {
		out.WriteString(m.Text)
		out.Write(m.Blocks)
	}
	return out.String()
}
