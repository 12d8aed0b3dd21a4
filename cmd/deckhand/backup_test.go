package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestABackupIsRestored(t *testing.T) {
	aws := newStandin()
	defer aws.Close()
	file := execConfig(t, aws, "  - {who: [\"user:U_ANN\"], what: [\"* terminate\"], effect: ask, approvers: [\"user:U_BOB\"]}\n"+everybody)
	exec := func(line ...string) string {
		_, out, stderr := deckhand(t, append([]string{"exec", "--config", file, "--as", "U_ANN", "--"}, line...)...)
		return out + stderr
	}
	exec("vm", "create", "--image-id", "ami-12345678", "--name", "web")
	exec("vm", "terminate", "web")
	to := filepath.Join(t.TempDir(), "backup.db")
	for _, c := range []struct {
		why  string
		args []string
		code int
		says string
	}{
		{"no file", []string{"backup", "--config", file}, 2, "name one new file"},
		{"a backup", []string{"backup", "--config", file, to}, 0, "was copied to " + to},
		{"the same again", []string{"backup", "--config", file, to}, 1, "file exists"},
		{"no backup", []string{"restore", "--config", file, to + "x"}, 1, "Nothing was done"},
		{"a restoring", []string{"restore", "--config", file, to}, 0, "are uncertain now: 1."},
	} {
		code, out, stderr := deckhand(t, c.args...)
		if code != c.code || !strings.Contains(out+stderr, c.says) {
			t.Errorf("%s: exit %d, %s%s; want %d, %q", c.why, code, out, stderr, c.code, c.says)
		}
	}
	if got := exec("request", "list"); !strings.Contains(got, "uncertain") {
		t.Errorf("after the restoring: %s", got)
	}
	if got := exec("vm", "create", "--image-id", "ami-12345678", "--name", "other"); !strings.Contains(got, "R-1003") {
		t.Errorf("the next request: %s", got)
	}
	if aws.count("TerminateInstances") != 0 {
		t.Error("what waited in the backup ran")
	}
}
