package api

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/where"
)

// Routing is the flags that say what answers and who may ask; creating an API and adding a route have them.
type Routing struct {
	Route         []string `flag:"route" alias:"route-key" raw:"" value:"KEY" help:"Method and path; GET / where none is named; several at once."`
	TargetURL     string   `flag:"target-url" alias:"integration-uri" value:"URL" help:"Address that answers behind it."`
	Quick         string   `flag:"target" value:"URL" unlisted:"" help:"The same; api create makes $default of it where no route is named."`
	Function      string   `flag:"function" alias:"function-name" value:"NAME" help:"Or the Lambda function that answers."`
	Authorization string   `flag:"authorization" alias:"authorization-type,auth" value:"HOW" help:"jwt (client-credentials flow), iam, or none."`
	Issuer        string   `flag:"issuer" value:"URL" help:"Who issues the tokens, for jwt."`
	Audience      []string `flag:"audience" value:"NAME" help:"Whom the tokens are for, for jwt."`
	Public        bool     `flag:"public" help:"Yes, everybody on the internet may call it."`

	lone string // the route of --target where none is named
}

// keys answers the routes that are meant. Errors are of kind Usage.
func (r Routing) keys() ([]string, error) {
	switch {
	case len(r.Route) > 0:
		return routeKeys(r.Route)
	case r.Quick != "" && r.lone != "":
		return []string{r.lone}, nil
	default:
		return []string{"GET /"}, nil
	}
}

// address is what answers, where it is no function by its name.
func (r Routing) address() string { return cmp.Or(r.TargetURL, r.Quick) }

// The ways to authorise, in AWS's words.
const (
	byNobody = "NONE"
	byToken  = "JWT"
	byIAM    = "AWS_IAM"
)

// authorization answers the way that is meant. Errors are of kind Usage.
func (r Routing) authorization() (string, error) {
	switch strings.ToLower(strings.ReplaceAll(r.Authorization, "_", "-")) {
	case "jwt", "client-credentials", "oauth2", "oauth":
		return byToken, nil
	case "iam", "aws-iam":
		return byIAM, nil
	case "none":
		return byNobody, nil
	case "":
		if r.Issuer != "" || len(r.Audience) > 0 {
			return byToken, nil
		}
		return byNobody, nil
	default:
		return "", commands.Misuse(commands.Mono(r.Authorization)+" is no way to authorise.", "It is jwt (for the client-credentials flow), iam or none.")
	}
}

// check tells everything that can be known without AWS, all at once.
func (r Routing) check() error {
	var messages, hints []string
	wrong := func(message, hint string) {
		messages = append(messages, message)
		if hint != "" {
			hints = append(hints, hint)
		}
	}
	if _, err := r.keys(); err != nil {
		words := commands.Words(err)
		wrong(words.Message, words.Hint)
	}
	address := r.address()
	target, err := url.Parse(address)
	isURL := err == nil && (target.Scheme == "http" || target.Scheme == "https") && target.Host != ""
	switch {
	case r.TargetURL != "" && r.Quick != "":
		wrong("--target and --target-url are one thing.", "Give one of them.")
	case address == "" && r.Function == "":
		wrong("The line does not say what answers.", "Give --target-url URL or --function NAME.")
	case address != "" && r.Function != "":
		wrong("Either an address answers, or a function.", "Give --target-url or --function.")
	case address != "" && !isURL && !isFunctionARN(address):
		wrong(commands.Mono(address)+" is no address.", "It looks like "+commands.Mono("http://myapp.example.com/")+".")
	}
	how, err := r.authorization()
	issuer, issuerErr := url.Parse(r.Issuer)
	switch {
	case err != nil:
		words := commands.Words(err)
		wrong(words.Message, words.Hint)
	case how == byToken && (issuerErr != nil || issuer.Scheme != "https" || issuer.Host == ""):
		wrong("Tokens need their issuer.", "Give --issuer https://issuer.example.com; the keys are read from its /.well-known/openid-configuration.")
	case how == byToken && len(r.Audience) == 0:
		wrong("Tokens need their audience.", "Give --audience, as the issuer writes it into the claim aud, or client_id.")
	case how != byToken && (r.Issuer != "" || len(r.Audience) > 0):
		wrong("--issuer and --audience belong to --authorization jwt.", "")
	case how == byNobody && !r.Public:
		wrong("Without authorisation everybody on the internet may call this.", "Protect it with --authorization jwt --issuer URL --audience NAME, or add --public if that is what you want.")
	case how != byNobody && r.Public:
		wrong("--public and --authorization "+strings.ToLower(how)+" contradict each other.", "Leave one of them out.")
	}
	if len(messages) == 0 {
		return nil
	}
	return commands.Misuse(strings.Join(messages, "\n"), strings.Join(hints, " "))
}

func isFunctionARN(text string) bool {
	return strings.HasPrefix(text, "arn:") && strings.Contains(text, ":lambda:") && strings.Contains(text, ":function:")
}

// behind answers what is to stand behind the routes; a function's name is looked up.
func (r Routing) behind(ctx context.Context, cloud Functions, t aws.Target) (aws.APIIntegration, error) {
	name := r.Function
	if isFunctionARN(r.address()) {
		name = r.address()
	}
	if name == "" {
		return aws.APIIntegration{Kind: "HTTP_PROXY", Target: r.address()}, nil
	}
	f, err := cloud.Function(ctx, t, name, "")
	if err != nil {
		return aws.APIIntegration{}, err
	}
	return aws.APIIntegration{Kind: "AWS_PROXY", Target: f.ARN}, nil
}

// authorityWords says who may call.
func (r Routing) authorityWords() string {
	switch how, _ := r.authorization(); how {
	case byToken:
		return fmt.Sprintf("a JWT of %s for %s (client-credentials flow)", commands.Unmarked(r.Issuer), commands.Unmarked(strings.Join(r.Audience, ", ")))
	case byIAM:
		return "callers that sign with AWS credentials and are allowed by IAM"
	default:
		return "nobody has to: everybody on the internet may call it"
	}
}

// builder adds routes to an API, one journaled step after the other. Each step looks first and takes what is there.
type builder struct {
	Routing
	picked
	cloud Cloud
	book  check.Book // nil where no checks are kept
	run   *commands.Run
	done  []string // what stands
	notes []string // what else is to be said
}

// made tells whether this run made the API. The number of its request does not tell: another deckhand on the same account has one of the same number.
func (b *builder) made() bool { return b.API.Tags[commands.TokenTag] == b.run.Token }

// authorizer makes the authoriser where tokens are asked for, and answers its id.
func (b *builder) authorizer(ctx context.Context) (string, error) {
	how, err := b.authorization()
	if err != nil || how != byToken {
		return "", err
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(b.Issuer + " " + strings.Join(b.Audience, " ")))
	wanted := aws.APIAuthorizer{Name: fmt.Sprintf("jwt-%08x", sum.Sum32()), Issuer: b.Issuer, Audience: b.Audience}
	begun, err := commands.Begun(ctx, b.run, "CreateAuthorizer")
	if err != nil {
		return "", err
	}
	stood := begun || !b.made()
	made, err := commands.Ensure(ctx, b.run, "CreateAuthorizer", func(ctx context.Context) (aws.APIAuthorizer, bool, error) {
		if one, found, err := b.inUse(ctx, wanted); err != nil || found || !stood {
			return one, found, err
		}
		// One that no route uses: a line that was cut short left it. Where it cannot be asked for, AWS refuses a second one of its name.
		one, found, err := b.cloud.SameAPIAuthorizer(ctx, b.Target, b.API.ID, wanted)
		return one, found && err == nil, nil
	}, func(ctx context.Context) (aws.APIAuthorizer, error) {
		return b.cloud.EnsureAPIAuthorizer(ctx, b.Target, b.API.ID, wanted)
	})
	if err == nil {
		b.done = append(b.done, "the authoriser "+commands.Mono(made.Name))
	}
	return made.ID, err
}

// inUse looks for an authoriser that says the same among those that routes use.
func (b *builder) inUse(ctx context.Context, wanted aws.APIAuthorizer) (aws.APIAuthorizer, bool, error) {
	routes, err := b.cloud.APIRoutes(ctx, b.Target, b.API.ID)
	if err != nil {
		return wanted, false, err
	}
	seen := map[string]bool{"": true}
	for _, r := range routes {
		if seen[r.AuthorizerID] {
			continue
		}
		seen[r.AuthorizerID] = true
		a, err := b.cloud.APIAuthorizer(ctx, b.Target, b.API.ID, r.AuthorizerID)
		if err != nil || a.Issuer == wanted.Issuer && slices.Equal(a.Audience, wanted.Audience) {
			return a, err == nil, err
		}
	}
	return wanted, false, nil
}

// integration puts the target behind the API, and answers its id.
func (b *builder) integration(ctx context.Context, wanted aws.APIIntegration) (string, error) {
	made, err := commands.Ensure(ctx, b.run, "CreateIntegration", func(ctx context.Context) (aws.APIIntegration, bool, error) {
		all, err := b.cloud.APIIntegrations(ctx, b.Target, b.API.ID)
		for _, i := range all {
			if i.Kind == wanted.Kind && i.Target == wanted.Target {
				return i, true, err
			}
		}
		return wanted, false, err
	}, func(ctx context.Context) (aws.APIIntegration, error) {
		return b.cloud.CreateAPIIntegration(ctx, b.Target, b.API.ID, wanted)
	})
	if err == nil {
		b.done = append(b.done, "the integration of "+commands.Mono(made.Target))
	}
	return made.ID, err
}

// answering is what is to stand behind the routes, looked up once.
func (b *builder) answering(ctx context.Context) (aws.APIIntegration, error) {
	return commands.Repeat(ctx, b.run, "look at target", func(ctx context.Context) (aws.APIIntegration, error) { return b.behind(ctx, b.cloud, b.Target) })
}

// routes allows the API to invoke the function, where one answers, and adds the routes.
func (b *builder) routes(ctx context.Context) error {
	keys, err := b.keys()
	if err != nil {
		return err
	}
	target, err := b.answering(ctx)
	if err != nil {
		return err
	}
	authorizer, err := b.authorizer(ctx)
	if err != nil {
		return err
	}
	integration, err := b.integration(ctx, target)
	if err != nil {
		return err
	}
	how, err := b.authorization()
	if err != nil {
		return err
	}
	for _, key := range keys {
		b.run.Say("Adding the route " + key + ".")
		if target.Kind == "AWS_PROXY" {
			grant := grantFor(b.picked, key, target.Target)
			_, err := commands.Repeat(ctx, b.run, "AddPermission "+key, func(ctx context.Context) (bool, error) {
				return true, b.cloud.GrantInvoke(ctx, b.Target, target.Target, grant, "")
			})
			if err != nil {
				return err
			}
			b.done = append(b.done, "the permission "+commands.Mono(grant.ID)+" of the function")
		}
		if err := b.route(ctx, aws.APIRoute{Key: key, Authorization: how, AuthorizerID: authorizer, IntegrationID: integration}); err != nil {
			return err
		}
	}
	return nil
}

// route adds one route. One of the same key that leads elsewhere, or lets others in, is not taken for it.
func (b *builder) route(ctx context.Context, wanted aws.APIRoute) error {
	_, err := commands.Ensure(ctx, b.run, "CreateRoute "+wanted.Key, func(ctx context.Context) (aws.APIRoute, bool, error) {
		all, err := b.cloud.APIRoutes(ctx, b.Target, b.API.ID)
		for _, r := range all {
			if r.Key != wanted.Key {
				continue
			}
			if r.Authorization != wanted.Authorization || r.AuthorizerID != wanted.AuthorizerID {
				return r, false, taken(b.picked, r.Key)
			}
			leads, err := b.leads(ctx, r.IntegrationID, wanted.IntegrationID)
			if err == nil && !leads {
				err = taken(b.picked, r.Key)
			}
			return r, leads, err
		}
		return wanted, false, err
	}, func(ctx context.Context) (aws.APIRoute, error) {
		return b.cloud.CreateAPIRoute(ctx, b.Target, b.API.ID, wanted)
	})
	if err == nil {
		b.done = append(b.done, "the route "+commands.Mono(wanted.Key))
	}
	return err
}

// leads tells whether two integrations lead to the same: a run that was cut short may have left a second one.
func (b *builder) leads(ctx context.Context, there, wanted string) (bool, error) {
	if there == wanted {
		return true, nil
	}
	all, err := b.cloud.APIIntegrations(ctx, b.Target, b.API.ID)
	var two []aws.APIIntegration
	for _, i := range all {
		if i.ID == there || i.ID == wanted {
			two = append(two, i)
		}
	}
	return len(two) > 1 && two[0].Kind == two[1].Kind && two[0].Target == two[1].Target, err
}

// pathVariable is the part of a route's path that a request fills in: "{id}", and "{proxy+}" for all that follows.
var pathVariable = regexp.MustCompile(`\{[^{}/]*\}`)

// grantFor is the statement that lets one route of an API invoke a function. A variable of the path stands for anything there.
// Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html
func grantFor(p picked, key, function string) aws.Grant {
	verb, path, ok := strings.Cut(key, " ")
	if verb == "ANY" {
		verb = "*"
	}
	resource := verb + pathVariable.ReplaceAllString(path, "*")
	if !ok {
		resource = key // $default
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(key))
	return aws.Grant{
		ID: fmt.Sprintf(grantMark+"%s-%08x", p.API.ID, sum.Sum32()), Principal: "apigateway.amazonaws.com",
		SourceARN: fmt.Sprintf("arn:%s:execute-api:%s:%s:%s/*/%s", p.Place.Partition(), p.Place.Region, cmp.Or(p.Place.AccountID, accountOf(function)), p.API.ID, resource),
	}
}

// accountOf is the account in the ARN of a function. AWS takes no wildcard for it.
func accountOf(function string) string {
	const account = 4 // arn:aws:lambda:REGION:ACCOUNT:function:NAME
	if parts := strings.Split(function, ":"); len(parts) > account {
		return parts[account]
	}
	return ""
}

// halfway says what stands after a step that failed.
func (b *builder) halfway(title, undo string, err error) (commands.Report, error) {
	if len(b.done) == 0 {
		return commands.Report{}, err
	}
	text := "What stands: " + strings.Join(b.done, ", ") + ". The same line again goes on from there and makes nothing twice."
	report := commands.Report{Title: title, Where: where.Words(b.Place)}
	if undo != "" {
		text += " " + commands.Mono(undo) + " takes it away."
		report.Next = []commands.Next{takeAway(undo)}
	}
	report.Body = commands.Blocks{commands.Text{Text: text}}
	return report, err
}

func takeAway(undo string) commands.Next {
	return commands.Next{Label: "Take it away", Line: undo, Style: "danger", Confirm: "Remove what stands?"}
}

// curl is a call that works as it stands, or with a token in its place.
func (r Routing) curl(p picked, key string) string {
	verb, _, ok := strings.Cut(key, " ")
	line := "curl -i"
	if ok && verb != "GET" && verb != "ANY" {
		line += " -X " + verb
	}
	switch how, _ := r.authorization(); how {
	case byToken:
		line += ` -H "Authorization: Bearer $TOKEN"`
	case byIAM:
		line += fmt.Sprintf(` --aws-sigv4 "aws:amz:%s:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"`, p.Place.Region)
	}
	return line + " " + p.url(key)
}
