package config_test

import (
	"reflect"
	"testing"
	"time"

	"deckhand/config"
)

func TestWhoIsCalledAndWhenNobodyIs(t *testing.T) {
	t.Parallel()
	got, err := config.Load("testdata/good-responses.yaml", vault)
	if err != nil {
		t.Fatal(err)
	}
	lb, app := got.Checks[0], got.Checks[1]
	if lb.Channel != "C1" || lb.Response != (config.Response{Contact: "group:S1", EscalateTo: "group:S2", EscalateAfter: 15 * time.Minute, Reminders: time.Hour}) {
		t.Errorf("lb: %+v", lb)
	}
	if app.Channel != "C2" || app.Parent != "lb" || app.Response != (config.Response{Contact: "user:U1", EscalateTo: "channel:C3", EscalateAfter: 5 * time.Minute, Reminders: -1}) {
		t.Errorf("app: %+v", app)
	}
	if api := got.Checks[2].Response; api.EscalateTo != "group:S3" || api.Webhook != "pager" || api.EscalateAfter != 15*time.Minute {
		t.Errorf("api: %+v", api)
	}
	if job := got.Checks[3].Response; job.EscalateTo != "" || job.Webhook != "plain" || job.EscalateAfter != time.Hour {
		t.Errorf("job: %+v", job)
	}
	pager, plain := got.Health.Webhooks[0], got.Health.Webhooks[1]
	if pager.Name != "pager" || pager.URL.Reveal() != "https://pager.example.com/marked-secret" || pager.Authorization.Reveal() != "Token marked-secret-of-an-api" {
		t.Errorf("pager: %+v", pager)
	}
	if plain.Name != "plain" || plain.Authorization.Reveal() != "" {
		t.Errorf("plain: %+v", plain)
	}
	want := []config.Window{
		{Name: "nightly", Cron: "0 3 * * *", TimeZone: "Europe/Berlin", Duration: 30 * time.Minute, Checks: []string{"web-*", "app"}, Reason: "backups"},
		{Name: "sundays", Cron: "0 3 * * 0", TimeZone: "UTC", Duration: 2 * time.Hour, Checks: []string{"*"}},
	}
	if !reflect.DeepEqual(got.Maintenance, want) {
		t.Errorf("windows: %+v", got.Maintenance)
	}
}
