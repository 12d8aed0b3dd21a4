// Package app wires the rooms: it opens them in order and closes them in reverse.
package app

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"deckhand/aws/sdk"
	"deckhand/bot"
	"deckhand/bot/health"
	"deckhand/bot/policy"
	"deckhand/bot/slack"
	"deckhand/bot/slack/blockkit"
	"deckhand/bot/slack/intake"
	"deckhand/bot/store"
	"deckhand/bot/timetable"
	"deckhand/commands"
	"deckhand/commands/access"
	"deckhand/commands/api"
	"deckhand/commands/app"
	"deckhand/commands/check"
	"deckhand/commands/cost"
	"deckhand/commands/ecs"
	"deckhand/commands/export"
	"deckhand/commands/guard"
	"deckhand/commands/lambda"
	"deckhand/commands/lb"
	"deckhand/commands/lease"
	"deckhand/commands/net"
	"deckhand/commands/ops"
	"deckhand/commands/probes"
	"deckhand/commands/request"
	"deckhand/commands/schedule"
	"deckhand/commands/userdata"
	"deckhand/commands/vm"
	"deckhand/commands/why"
	"deckhand/config"
)

// Settings say how to open the house.
type Settings struct {
	Config config.Config
	Log    *slog.Logger
	// Serving says that this process answers Slack and runs requests; otherwise it only runs lines.
	Serving bool
	// AWSOptions are added to the middleware of every AWS client: the sandbox.
	AWSOptions []sdk.Option
	// AWSCredentials replace the ones of the environment; may be nil.
	AWSCredentials sdk.CredentialsProvider
	// PollMin is the shortest time between two looks at AWS while waiting; zero: the sdk's own.
	PollMin time.Duration
	// Return is how long checks may take to pass again after an action that disturbed them; zero: the usual time.
	Return time.Duration
	// Hosts says where health checks dial instead of an address, "myapp.example.com:80"; nil: nowhere else.
	Hosts func(address string) string
	// Roots are the authorities that health checks trust; nil: those of the machine.
	Roots *x509.CertPool
}

// House is the program with its rooms open.
type House struct {
	settings   Settings
	log        *slog.Logger
	store      *store.Store
	cloud      *sdk.Cloud
	messenger  *slack.Messenger // nil without a bot token
	engine     *bot.Engine
	why        *why.Doctor
	registry   *health.Registry
	watching   *health.Loop // nil unless this process serves
	timetable  *timetable.Timetable
	configured *configured
	checks     int              // how many the configuration has
	endpoint   *intake.Endpoint // nil unless Slack posts to us
	socket     *intake.Socket   // nil unless we dial Slack
	metrics    *metrics
	watch      *dependencies
}

// Open opens the rooms. It needs the store; Slack and AWS may be away.
func Open(ctx context.Context, s Settings) (*House, error) {
	h := &House{settings: s, log: s.Log, metrics: newMetrics()}
	var err error
	if h.store, err = store.Open(ctx, store.Settings{URL: s.Config.Store.URL.Reveal(), Log: s.Log}); err != nil {
		return nil, err
	}
	if err = h.furnish(ctx); err != nil {
		return nil, fmt.Errorf("%w%s", err, alsoClosed(h.store.Close()))
	}
	return h, nil
}

func alsoClosed(err error) string {
	if err == nil {
		return ""
	}
	return "; closing the store: " + err.Error()
}

func (h *House) furnish(ctx context.Context) error {
	c := h.settings.Config
	h.store.DecidesBy(policyMark(c), whereabouts())
	h.configured = newConfigured(h)
	if !h.settings.Serving { // one that serves brings them once it is certain that it may
		if err := h.configured.begin(ctx); err != nil {
			return err
		}
	}
	h.checks = len(c.Checks)
	h.settings.Config.Checks = heartbeats(c.Checks) // the store has the others now
	var err error
	h.cloud, err = sdk.New(ctx, sdk.Settings{
		Region: c.AWS.Region, EndpointURL: c.AWS.EndpointURL, ServiceRole: c.AWS.ServiceRole, Accounts: accountsOf(c), Log: h.log,
		Options: h.settings.AWSOptions, Credentials: h.settings.AWSCredentials, PollMin: h.settings.PollMin,
		Tried: h.metrics.tried,
	})
	if err != nil {
		return err
	}
	var groups bot.Groups = noSlack{}
	var chat bot.Messenger
	if c.Slack != nil && c.Slack.BotToken.Reveal() != "" {
		h.messenger = slack.NewMessenger(slack.Settings{BotToken: c.Slack.BotToken.Reveal(), APIURL: c.Slack.APIURL, Log: h.log, Memory: h.store, Now: time.Now, Answered: h.metrics.answered})
		groups = h.messenger
		if h.settings.Serving {
			chat = h.messenger
		}
	}
	var people bot.People
	var links func(context.Context) func(bot.Ref, string) string
	if h.messenger != nil {
		people, links = h.messenger, h.messenger.Permalinks
	}
	process, err := processName(h.settings.Serving)
	if err != nil {
		return err
	}
	h.registry = health.NewRegistry(c.Health.RDAPURL)
	h.why = &why.Doctor{Cloud: h.cloud, Eye: h.prober(), Resolver: names{h.settings.Hosts}, Changes: changes{h.store}, Book: h.store}
	h.engine = bot.New(bot.Settings{
		Quiet: quiet{check.Quiet{Book: h.store, Incidents: h.store, Prober: h.prober(), Patience: h.settings.Return}, h.why, func() *commands.Command { return h.engine.Catalog.Find("check run") }, h.log},
		Place: h.place, Bound: boundTo(c.Channels), Leases: tenancyOf(h.store, h.cloud, c.Leases, c.Recycle),
		Bills:  slices.ContainsFunc(c.Policy, func(r config.Rule) bool { return r.CostAbove != nil || r.CostAboveToday != nil }),
		Ledger: ledgerOf(c.Policy, h.store), Zone: zonesOf(c),
		Policy: policy.New(c.Policy, groups), Store: h.store, Messenger: chat, Log: h.log, Now: time.Now,
		Process: process, People: people, Groups: groups, Alarm: c.Alarm, Links: links,
		For:     madeFor,
		Observe: sdk.WithRecorder, Ended: h.metrics.ended, Guards: guard.Watch{Book: h.store},
		Deliveries: h.deliveries(), Logins: loginsOf(c.People), Keys: keysOf(c.People), Codes: h.store, Limits: bot.Limits{Burst: c.Limits.Burst, EachSecond: c.Limits.EachSecond},
	})
	h.engine.Catalog, err = catalog(rooms{sets: c.Net.CIDRSets, why: h.why, cloud: h.cloud, engine: h.engine, store: h.store, prober: h.prober(), beats: calls{h}, leases: c.Leases, recycle: c.Recycle, access: c.Access, people: c.People, doctor: doctor{h}, templates: templatesOf(c), profiles: profilesOf(c), vetted: vettedOf(c), windows: windowsOf(c)})
	if err != nil {
		return err
	}
	h.watch = newDependencies(h)
	if h.settings.Serving {
		h.furnishServing()
	}
	return nil
}

// loginsOf tells who people at a terminal are.
func loginsOf(people []config.Person) map[string]string {
	logins := map[string]string{}
	for _, p := range people {
		if p.Terminal != "" {
			logins["terminal:"+p.Terminal] = p.Slack
		}
	}
	return logins
}

// keysOf answers the second factors of people.
func keysOf(people []config.Person) map[string]bot.Key {
	keys := map[string]bot.Key{}
	for _, p := range people {
		if key := p.TOTP.Reveal(); key != "" {
			keys[p.Slack] = bot.Key(key)
		}
	}
	return keys
}

// deliveries is nil where only this process serves from the store.
func (h *House) deliveries() bot.Deliveries {
	if !h.store.Shared() {
		return nil
	}
	return h.store
}

// prober looks at endpoints as the settings say.
func (h *House) prober() *health.Prober {
	return health.NewProber(health.Eyes{
		Hosts: h.settings.Hosts, Roots: h.settings.Roots, Private: h.settings.Config.Health.AllowPrivate, Secret: secret, Beats: h.store, Cloud: h.cloud, Probes: h.cloud, Registry: h.registry,
	})
}

// madeFor tells the room of AWS for whom and for what its calls are made.
func madeFor(ctx context.Context, who commands.Asker, command *commands.Command, acts bool) context.Context {
	return sdk.WithErrand(ctx, sdk.Errand{Command: command.Name, User: who.User, Actions: command.Rights, Acts: acts})
}

// furnishServing makes what only a serving process has: the loops and the doors to Slack.
func (h *House) furnishServing() {
	var chat bot.Messenger = noSlack{}
	if h.messenger != nil {
		chat = h.messenger
	}
	var crew health.Crew
	if h.store.Shared() {
		crew = h.store
	}
	h.watching = health.New(health.Settings{
		Store: h.store, Crew: crew, Messenger: chat, Prober: h.prober(), Log: h.log, Certificates: h.store, Blinds: h.store, Windows: h.windows(), Doctor: h.why,
		Webhooks: health.NewCaller(webhooksOf(h.settings.Config), h.settings.Hosts),
	})
	h.timetable = timetable.New(comesDue{h.store, tenancyOf(h.store, h.cloud, h.settings.Config.Leases, h.settings.Config.Recycle).desk}, h.engine, h.log)
	c := h.settings.Config.Slack
	if c == nil || h.messenger == nil {
		return
	}
	receiver := h.metrics.receiver(h.engine)
	isNoun := h.engine.Catalog.IsNoun
	if c.Transport == config.Socket {
		h.socket = intake.NewSocket(intake.SocketSettings{
			AppToken: c.AppToken.Reveal(), BotToken: c.BotToken.Reveal(), APIURL: c.APIURL,
			Whisper: h.messenger.Whisper, Open: h.messenger.Open, Render: blockkit.Parts, IsNoun: isNoun, BotUserID: h.watch.botUser, Log: h.log,
		}, receiver)
		return
	}
	var secrets []string
	for _, secret := range c.SigningSecrets {
		secrets = append(secrets, secret.Reveal())
	}
	h.endpoint = intake.Handler(intake.Settings{
		SigningSecrets: secrets, Whisper: h.messenger.Whisper, Open: h.messenger.Open, Render: blockkit.Parts, Commands: c.Commands,
		IsNoun: isNoun, BotUserID: h.watch.botUser, Log: h.log,
	}, receiver)
}

// rooms are the doors that commands close over. Zero doors make a catalogue that can be read and not run.
type rooms struct {
	leases config.Leases
	cloud  *sdk.Cloud
	engine *bot.Engine
	store  interface {
		check.Shelf
		check.IncidentBook
		schedule.Book
		schedule.Acts
		guard.Book
		tenancyBook
	}
	sets      net.Sets
	prober    check.Tracer
	beats     check.Addresses
	doctor    ops.Doctor
	why       *why.Doctor
	templates []userdata.Template
	profiles  []vm.Profile
	vetted    vm.Vetted
	recycle   config.Recycle
	access    []config.Access
	people    []config.Person
	// windows are the configuration's maintenance windows.
	windows []check.Window
}

// catalog is every command there is. A new group is one line here.
func catalog(r rooms) (*commands.Catalog, error) {
	var all *commands.Catalog
	parse := func(line string) (string, error) {
		invocation, _, err := all.Parse("", line)
		return invocation.Line, err
	}
	all, err := commands.NewCatalog(
		vm.Commands(r.cloud, r.templates, r.profiles, r.vetted, binOf(r)),
		cost.Commands(r.cloud),
		ecs.Commands(r.cloud),
		lambda.Commands(r.cloud, routes(r.cloud), r.store, r.changer),
		api.Commands(r.cloud, r.prober, r.store),
		net.Commands(r.cloud, r.store, r.sets),
		lb.Commands(r.cloud, r.store),
		app.Commands(app.Room{Cloud: r.cloud, Book: r.store, Prober: r.prober, Templates: r.templates, Profiles: r.profiles, Leases: r.store}),
		check.Commands(r.store, r.prober, timetable.Clock{}, r.beats, fees{r.cloud}, digestOf(r)),
		probes.Commands(probes.Room{Cloud: r.cloud, Checks: r.store, Acts: r.store}),
		check.IncidentCommands(r.store, r.store, timetable.Clock{}, r.windows),
		schedule.Commands(r.store, timetable.Clock{}, parse),
		vm.HoursCommands(r.cloud, vm.Timetable{Book: r.store, Clock: timetable.Clock{}, Can: r.engine.Can}),
		guard.Commands(r.store),
		export.Commands(r.cloud, r.acted),
		access.Commands(accessOf(r)),
		lease.Commands(tenancyOf(r.store, r.cloud, r.leases, r.recycle).desk),
		ops.Commands(r.doctor),
		why.Commands(r.why),
		request.Commands(r.engine, r.engine, r.engine, func() *commands.Catalog { return all }),
	)
	return all, err
}

// digestOf is what a status post tells of other rooms.
func digestOf(r rooms) check.Digest {
	return check.Digest{
		Ending: tenancyOf(r.store, r.cloud, r.leases, r.recycle).desk.Ending,
		Costs:  func(ctx context.Context, now time.Time) (string, error) { return cost.Digest(ctx, r.cloud, now) },
	}
}

// routes are the commands of the api room that lead a route to a function.
func routes(cloud api.Cloud) lambda.Routes {
	return lambda.Routes{
		Add: func(r lambda.Route) commands.Runner {
			return api.NewRouteAdd(cloud, r.Target, r.API, api.Routing{
				Route: []string{r.Key}, Function: r.Function, Authorization: r.Authorization, Issuer: r.Issuer, Audience: r.Audience, Public: r.Public,
			})
		},
		Remove: func(r lambda.Route) commands.Runner { return api.NewRouteRemove(cloud, r.Target, r.API, r.Key) },
		Left:   api.Left(cloud),
	}
}

// Vocabulary is the catalogue without a house behind it: for documents, and for the rights that it needs.
func Vocabulary() (*commands.Catalog, error) { return catalog(rooms{}) }

// processName is unique among all processes that ever share a store.
func processName(serving bool) (string, error) {
	var random [6]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", fmt.Errorf("name this process: %w", err)
	}
	if serving {
		return "serve-" + hex.EncodeToString(random[:]), nil
	}
	return "exec-" + hex.EncodeToString(random[:]), nil
}

// SlackHandler takes in what Slack posts; nil where Slack is reached by socket.
func (h *House) SlackHandler() http.Handler {
	if h.endpoint == nil {
		return nil
	}
	return h.endpoint
}

// Exec runs one line for a person at a terminal, who is shown the first part of a long answer ahead, and at once what has to be waited for.
func (h *House) Exec(ctx context.Context, who, line string, ahead, begun func(commands.Report)) (bot.Outcome, error) {
	key, err := processName(false)
	if err != nil {
		return bot.Outcome{}, err
	}
	return h.engine.RunLine(ctx, bot.Message{
		Key: key, Source: bot.Terminal, Asker: commands.Asker{User: h.engine.Self(who)}, Line: line, At: time.Now(),
	}, ahead, begun), nil
}

// Close closes the rooms in reverse.
func (h *House) Close() error { return h.store.Close() }
