package vm

import "testing"

func TestWhatAMachineSaysIsReadableAndWithoutSecrets(t *testing.T) {
	t.Parallel()
	said := "\x1b[31mbooting\x1b[0m \r\nexport DB_PASSWORD=hunter22\r\nkey AKIAIOSFODNN7EXAMPLE\n\n"
	if got, want := readable(said), "booting\nexport DB_PASSWORD=••••••\nkey ••••••"; got != want {
		t.Errorf("it reads %q, want %q", got, want)
	}
	said = "\x1b7\x1b[999;999H\x1b[6n\x1b8\n\x1b(Blogin\x1b]0;title\x1b\\: \x1b]2;x\aroot\x1b[1\nnext\x1b=\x1b[?25h!"
	if got, want := readable(said), "login: root\nnext!"; got != want {
		t.Errorf("it reads %q, want %q", got, want)
	}
}
