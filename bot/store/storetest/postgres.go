package storetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Postgres answers the URL of an empty schema on a real PostgreSQL, which goes when the test or the server ends. The server is the one
// that TEST_DATABASE_URL names, or one of this test binary's own, started from the machine's binaries. The test is
// skipped only where the machine has neither.
func Postgres(t testing.TB) string {
	t.Helper()
	server := os.Getenv("TEST_DATABASE_URL")
	ours := server == ""
	if ours {
		bin := binaries()
		if bin == "" {
			t.Skip("no PostgreSQL on this machine: set TEST_DATABASE_URL, or install its server")
		}
		var err error
		if server, err = ownServer(); err != nil {
			t.Fatalf("start PostgreSQL from %s: %v", bin, err)
		}
	}
	schema := "test_" + strings.ToLower(rand.Text()[:12])
	run(t, server, "CREATE SCHEMA "+schema)
	if !ours { // ours goes as a whole; sixty tables one by one take a quarter of most tests
		t.Cleanup(func() { run(t, server, "DROP SCHEMA "+schema+" CASCADE") })
	}
	parsed, err := url.Parse(server)
	if err != nil {
		t.Fatalf("TEST_DATABASE_URL is not a URL")
	}
	query := parsed.Query()
	query.Set("search_path", schema)
	parsed.RawQuery = query.Encode()
	return parsed.String()
}

// run executes one statement on a connection of its own.
func run(t testing.TB, server, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("connect to PostgreSQL: %v", err)
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing depends on a polite goodbye
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Errorf("%s: %v", statement, err)
	}
}

// ownServer starts a server once for the whole test binary.
//
//nolint:gochecknoglobals // computed once, never changed
var ownServer = sync.OnceValues(startServer)

// binaries answers the folder that holds the server, or "".
func binaries() string {
	// Debian's folders first: the newest version wins, and a link elsewhere may lack what lies beside it.
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1])
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		if program, err := filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(program)
		}
	}
	return ""
}

// keeper starts the server and waits for the end of its input, which comes when the test binary ends, however it
// ends. Then it stops the server and removes its files.
const keeper = `
"$1/initdb" -D "$2/data" -U deckhand -A trust -N -E UTF8 --locale=C >"$2/log" 2>&1 &&
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c full_page_writes=off \
	-c max_connections=200 -c shared_buffers=32MB >>"$2/log" 2>&1 &
server=$!
read -r _
kill -INT $(head -n 1 "$2/data/postmaster.pid") 2>/dev/null || kill $server
wait
rm -rf "$2"
`

func startServer() (string, error) {
	dir, err := os.MkdirTemp("", "deckhand-postgres-")
	if err != nil {
		return "", err
	}
	command := exec.Command("/bin/sh", "-c", keeper, "sh", binaries(), dir)
	command.Dir = "/"
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt from the keyboard is for us, not for it
	if os.Geteuid() == 0 {                                    // the server refuses to run as root
		if command.SysProcAttr.Credential, err = unprivileged(dir); err != nil {
			return "", err
		}
	}
	if _, err := command.StdinPipe(); err != nil { // it stays open until this process ends
		return "", err
	}
	if err := command.Start(); err != nil {
		return "", err
	}
	go command.Wait() //nolint:errcheck // holds on to the pipe, which would be closed once nobody did
	server := "postgres://deckhand@/postgres?host=" + url.QueryEscape(dir)
	if err := answers(server); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		return "", fmt.Errorf("%w\n%s", err, log)
	}
	return server, nil
}

// unprivileged gives the folder to a user who is not root, and answers that user.
func unprivileged(dir string) (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.ParseUint(found.Uid, 10, 32)
		gid, _ := strconv.ParseUint(found.Gid, 10, 32)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(dir, int(uid), int(gid))
	}
	return nil, fmt.Errorf("there is no user postgres or nobody to run the server as")
}

// answers waits until the server takes connections, for at most a minute.
func answers(server string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, server)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(50 * time.Millisecond):
		}
	}
}
