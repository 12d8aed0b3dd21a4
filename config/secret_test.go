package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"deckhand/config"
)

func TestASecretIsNeverPrinted(t *testing.T) {
	t.Parallel()
	const mark = "marked-secret"
	secret := config.NewSecret(mark)
	inside := struct {
		Open   config.Secret
		closed config.Secret
		List   []config.Secret
	}{secret, secret, []config.Secret{secret}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+" "+verb+" "+verb+"\n", secret, &secret, inside)
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("told", "secret", secret, "inside", inside)
	slog.New(slog.NewTextHandler(&out, nil)).Info("told", "secret", secret, "inside", inside)
	if err := json.NewEncoder(&out).Encode(inside); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), mark) || strings.Contains(out.String(), fmt.Sprintf("%x", mark)) {
		t.Errorf("the secret shows:\n%s", out.String())
	}
	if !strings.Contains(out.String(), "[secret]") {
		t.Errorf("nothing says that a secret is there:\n%s", out.String())
	}
	if secret.Reveal() != mark || (config.Secret{}).Reveal() != "" {
		t.Error("the value is lost")
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte("xoxb-1\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if value, err := config.Resolve(config.Ref{Kind: "file", Name: path}); err != nil || value != "xoxb-1" {
		t.Errorf("the file says %q, %v", value, err)
	}
	if _, err := config.Resolve(config.Ref{Kind: "file", Name: path + "-not"}); err == nil || strings.Contains(err.Error(), path) {
		t.Errorf("a file that is not there: %v", err)
	}
	if value, err := config.Resolve(config.Ref{Kind: "env", Name: "PATH"}); err != nil || value != os.Getenv("PATH") {
		t.Errorf("the variable says %q, %v", value, err)
	}
	if _, err := config.Resolve(config.Ref{Kind: "env", Name: "DECKHAND_TEST_NOT_SET"}); err == nil {
		t.Error("a variable that is not set was found")
	}
}

func TestSecretsAreLookedUpOnlyWhereTheyAreNeeded(t *testing.T) {
	t.Parallel()
	file := filepath.Join("etc", "deckhand.yaml")
	const body = `
aws: {region: us-east-1}
slack: {transport: %s, bot_token: file:bot, app_token: env:APP, signing_secret: env:SIGNING}
`
	for transport, want := range map[string]string{
		"socket": "slack.bot_token=file:" + filepath.Join("etc", "bot") + " slack.app_token=env:APP",
		"http":   "slack.bot_token=file:" + filepath.Join("etc", "bot") + " slack.signing_secret=env:SIGNING",
	} {
		var asked []string
		_, err := config.Parse(file, fmt.Appendf(nil, body, transport), func(ref config.Ref) (string, error) {
			asked = append(asked, ref.Key+"="+ref.String())
			return "", config.ErrNotNeeded
		})
		if got := strings.Join(asked, " "); err != nil || got != want {
			t.Errorf("%s asked for %s, %v; wanted %s", transport, got, err, want)
		}
	}
	if _, err := config.Parse(file, fmt.Appendf(nil, body, "socket"), nil); err != nil {
		t.Errorf("without a place to look in: %v", err)
	}
}
