package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestALineThatIsTypedAgainAfterItsTerminalWasKilledMakesOneMachine with real processes, so it takes the six seconds that the name of a dead one is held.
func TestALineThatIsTypedAgainAfterItsTerminalWasKilledMakesOneMachine(t *testing.T) {
	t.Parallel()
	aws := newStandin()
	defer aws.Close()
	defer close(aws.release)
	file := write(t, "deckhand.yaml", fmt.Sprintf("aws: {region: us-east-1, endpoint_url: %q}\nstore: {url: \"sqlite:%s\"}\npolicy:\n%s", aws.URL, filepath.Join(t.TempDir(), "d.db"), everybody))
	typed := func() *exec.Cmd {
		process := exec.CommandContext(t.Context(), os.Args[0], "exec", "--config", file, "--", "vm", "create", "--image-id", "ami-12345678", "--name", "web")
		process.Env = append(os.Environ(), asProgram+"=1", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=x", "AWS_EC2_METADATA_DISABLED=true")
		return process
	}
	aws.holdNext("RunInstances")
	first := typed()
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	<-aws.held // AWS has made it, and does not answer
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	out, err := typed().CombinedOutput()
	if err != nil || aws.states() != "web=running" || !strings.Contains(string(out), "R-1 was cut short before") {
		t.Errorf("%v, AWS holds %q:\n%s", err, aws.states(), out)
	}
}
