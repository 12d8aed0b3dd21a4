package app

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"deckhand/bot/health"
	"deckhand/config"
)

// HeartbeatHandler takes the calls of heartbeats.
func (h *House) HeartbeatHandler() http.Handler {
	tokens := map[string]string{}
	for _, c := range h.settings.Config.Checks {
		if c.Heartbeat != nil {
			tokens[c.Name] = c.Heartbeat.Token.Reveal()
		}
	}
	return health.NewCalls(h.store, tokens, h.log)
}

// withCalls adds the calls of heartbeats to the listener that takes them.
func (h *House) withCalls(listener string, next http.Handler) http.Handler {
	if callsOn(h.settings.Config) != listener {
		return next
	}
	heartbeats := h.HeartbeatHandler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, health.CallsPath) {
			heartbeats.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// callsOn is the listener that takes the calls of heartbeats: "slack", "admin", or "" where nothing listens.
func callsOn(c config.Config) string {
	slack := c.Slack != nil && c.Slack.Transport == config.HTTP && c.Slack.Listen != ""
	switch {
	case c.Health.HeartbeatsOn != "":
		return c.Health.HeartbeatsOn
	case slack:
		return "slack"
	case c.Admin.Listen != "":
		return "admin"
	default:
		return ""
	}
}

// calls tells people where heartbeats are called.
type calls struct{ house *House }

// Webhooks implements check.Addresses.
func (c calls) Webhooks() []string {
	return slices.Sorted(maps.Keys(webhooksOf(c.house.settings.Config)))
}

// HeartbeatURL implements check.Addresses.
func (c calls) HeartbeatURL() string {
	settings := c.house.settings.Config
	on := callsOn(settings)
	switch {
	case settings.Health.HeartbeatsURL != "":
		return settings.Health.HeartbeatsURL + health.CallsPath
	case on == "slack":
		return "http://" + settings.Slack.Listen + health.CallsPath
	case on == "admin":
		return "http://" + settings.Admin.Listen + health.CallsPath
	default:
		return ""
	}
}
