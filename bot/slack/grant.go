package slack

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// Grant is what the bot's token is, and what it may.
type Grant struct {
	Workspace string
	User      string        // the bot's name
	Scopes    []string      // empty where Slack did not say
	Skew      time.Duration // how far Slack's clock is ahead of ours; zero where its answer had no date
}

// Grant asks Slack what the token may, each time anew.
func (m *Messenger) Grant(ctx context.Context) (Grant, error) {
	own, err := m.api.AuthTestContext(ctx)
	if err := m.told("auth.test", "", err); err != nil {
		return Grant{}, err
	}
	g := Grant{Workspace: own.Team, User: own.User}
	for _, scope := range strings.Split(own.Header.Get("X-Oauth-Scopes"), ",") {
		if scope = strings.TrimSpace(scope); scope != "" {
			g.Scopes = append(g.Scopes, scope)
		}
	}
	if at, err := http.ParseTime(own.Header.Get("Date")); err == nil {
		g.Skew = at.Sub(m.settings.Now())
	}
	return g, nil
}

// TrySocket asks Slack for the address of a socket, and opens none.
func (m *Messenger) TrySocket(ctx context.Context, appToken string) error {
	api := slack.New("", slack.OptionAppLevelToken(appToken), slack.OptionAPIURL(m.settings.APIURL), slack.OptionHTTPClient(m.settings.HTTP))
	_, _, err := api.StartSocketModeContext(ctx)
	return m.told("apps.connections.open", "", err)
}
