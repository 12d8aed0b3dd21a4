package vm

import "testing"

func TestWhatAMachineSaysIsReadableAndWithoutSecrets(t *testing.T) {
	t.Parallel()
	said := "\x1b[31mbooting\x1b[0m \r\nexport DB_PASSWORD=hunter22\r\nkey AKIAIOSFODNN7EXAMPLE\n\n"
	if got, want := readable(said), "booting\nexport DB_PASSWORD=••••••\nkey ••••••"; got != want {
		t.Errorf("it reads %q, want %q", got, want)
	}
}
