package api

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

func catalog(t *testing.T) *commands.Catalog {
	t.Helper()
	return commandstest.Catalog(t, Commands(nil, nil, nil))
}

func TestEveryExampleIsUnderstood(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for _, command := range c.All() {
		invocation, _, err := c.Parse("", command.Example)
		if err != nil || invocation.Command != command.Name {
			t.Errorf("%q is %q, %v", command.Example, invocation.Command, err)
		}
		if command.Risk > commands.Read {
			runner := command.New()
			_, plans := runner.(commands.Planner)
			_, checks := runner.(commands.Checker)
			if !plans || !checks {
				t.Errorf("%s plans %t, checks %t", command.Name, plans, checks)
			}
		}
	}
}

func TestRoutesAreReadAsTheyWereMeant(t *testing.T) {
	t.Parallel()
	for _, k := range []struct {
		words []string
		want  string
	}{
		{[]string{"GET /"}, "GET /"},
		{[]string{"GET", "/"}, "GET /"},
		{[]string{"get /orders/{id}"}, "GET /orders/{id}"},
		{[]string{"/orders"}, "GET /orders"},
		{[]string{"GET", "/a", "POST", "/b"}, "GET /a|POST /b"},
		{[]string{"ANY /{proxy+}", "$default"}, "ANY /{proxy+}|$default"},
		{nil, ""},
	} {
		got, err := routeKeys(k.words)
		if err != nil || strings.Join(got, "|") != k.want {
			t.Errorf("%q is %q, %v", k.words, got, err)
		}
	}
	for _, wrong := range []string{"FETCH /", "GET", "orders", "GET orders", "GET /a b"} {
		if got, err := routeKeys([]string{wrong}); err == nil {
			t.Errorf("%q is taken as %q", wrong, got)
		}
	}
}

func TestAnAPIIsNeverPublicByAccident(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	const start = "api create myapi --target-url http://myapp.example.com/ "
	for line, want := range map[string]string{
		start:                          "--public",
		start + "--authorization none": "--public",
		start + "--authorization jwt":  "--issuer",
		start + "--authorization jwt --public --issuer https://i.example.com --audience a": "contradict",
		start + "--authorization jwt --issuer http://i.example.com --audience a":           "their issuer",
		start + "--authorization jwt --issuer https://i.example.com":                       "--audience",
		start + "--authorization iam --issuer https://i.example.com":                       "belong to",
		start + "--authorization basic":                                                    "no way to authorise",
		start + "--public --function f":                                                    "or a function",
		start + "--public --route FETCH":                                                   "no route",
		"api create myapi --public":                                                        "what answers",
		"api create myapi --public --target-url myapp":                                     "no address",
		start + "--public --throttle-rate 0":                                               "1 to 10000",
		start + "--public --protocol-type WEBSOCKET":                                       "HTTP",
	} {
		_, _, err := c.Parse("", line)
		if words := commands.Words(err); err == nil || words.Kind != commands.Usage || !strings.Contains(words.Error(), want) {
			t.Errorf("%s: got %v, want %q", line, err, want)
		}
	}
	for _, line := range []string{
		start + "--public", start + "--issuer https://i.example.com --audience a", start + "--authorization AWS_IAM",
		`aws apigatewayv2 create-api --name myapi --protocol-type HTTP --target arn:aws:lambda:us-east-1:123456789012:function:f --route-key "GET /" --authorization-type iam`,
	} {
		if _, _, err := c.Parse("", line); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestAPermissionIsForOneRouteAlone(t *testing.T) {
	t.Parallel()
	p := picked{Place: aws.Place{AccountID: "123456789012", Region: "us-east-1"}, API: aws.API{ID: "abc"}}
	var ids []string
	for key, want := range map[string]string{
		"GET /count":                "arn:aws:execute-api:us-east-1:123456789012:abc/*/GET/count",
		"ANY /count":                "arn:aws:execute-api:us-east-1:123456789012:abc/*/*/count",
		"GET /":                     "arn:aws:execute-api:us-east-1:123456789012:abc/*/GET/",
		"$default":                  "arn:aws:execute-api:us-east-1:123456789012:abc/*/$default",
		"GET /pets/{id}/toys/{toy}": "arn:aws:execute-api:us-east-1:123456789012:abc/*/GET/pets/*/toys/*",
		"ANY /all/{proxy+}":         "arn:aws:execute-api:us-east-1:123456789012:abc/*/*/all/*",
	} {
		g := grantFor(p, key, "")
		if g.SourceARN != want || g.Principal != "apigateway.amazonaws.com" {
			t.Errorf("%s: %+v", key, g)
		}
		ids = append(ids, g.ID)
	}
	slices.Sort(ids)
	if len(slices.Compact(ids)) != 6 {
		t.Errorf("statements share an id: %v", ids)
	}
	p.Place.AccountID = "" // that AWS could not be asked for
	if g := grantFor(p, "GET /count", "arn:aws:lambda:us-east-1:123456789012:function:counter"); g.SourceARN != "arn:aws:execute-api:us-east-1:123456789012:abc/*/GET/count" {
		t.Errorf("the account is taken from elsewhere: %+v", g)
	}
}

func TestTheLineThatPutsARouteBackIsUnderstood(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for _, s := range []standing{
		{Route: aws.APIRoute{Key: "GET /", Authorization: byNobody}, Integration: aws.APIIntegration{Target: "http://x.example.com/"}},
		{Route: aws.APIRoute{Key: "GET /a", Authorization: byIAM}, Function: "arn:aws:lambda:us-east-1:123456789012:function:f"},
		{
			Route: aws.APIRoute{Key: "$default", Authorization: byToken}, Integration: aws.APIIntegration{Target: "http://x.example.com/"},
			Authorizer: aws.APIAuthorizer{Issuer: "https://i.example.com", Audience: []string{"a", "b"}},
		},
	} {
		s.API.Name = "myapi"
		if _, _, err := c.Parse("", s.addLine()); err != nil {
			t.Errorf("%s: %v", s.addLine(), err)
		}
	}
}

func TestWhatNamesNoRouteMakesTheOneThatAWSWouldMake(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"aws apigatewayv2 create-api --name x --protocol-type HTTP --public --target http://x.example.com/":                      "$default",
		`aws apigatewayv2 create-api --name x --protocol-type HTTP --public --target http://x.example.com/ --route-key "GET /a"`: "GET /a",
		"api create x --public --target-url http://x.example.com/":                                                               "GET /",
		"api create x --public --function f":                                                                                     "GET /",
	} {
		runner, _, err := commandstest.Runner(t, Commands(nil, nil, nil), line)
		create, ok := runner.(*Create)
		if err != nil || !ok {
			t.Errorf("%s is %T, %v", line, runner, err)
			continue
		}
		if keys, err := create.keys(); err != nil || strings.Join(keys, ",") != want {
			t.Errorf("%s makes %q, %v", line, keys, err)
		}
		if create.Function == "" && create.address() != "http://x.example.com/" {
			t.Errorf("%s: %q answers", line, create.address())
		}
	}
	if _, _, err := catalog(t).Parse("", "api create x --public --target http://a/ --target-url http://b/"); err == nil {
		t.Error("two addresses are taken")
	}
}

func TestANameIsReadAsItWasMeant(t *testing.T) {
	t.Parallel()
	const start = "api create myapi --public --target-url http://myapp.example.com/ "
	for line, want := range map[string]string{
		start + "--domain-name api":                                          "is not a domain name",
		start + "--domain-name *.example.com":                                "is not a domain name",
		start + "--certificate auto":                                         "there is none",
		start + "--domain-name api.example.com --certificate mine":           "not the ARN of a certificate",
		"api domain add myapi":                                               "--domain-name",
		"api domain add myapi --domain-name api.example.com --stage prod":    "$default",
		"api domain remove https://api.example.com/":                         "is not a domain name",
		"api domain add myapi --domain-name api.example.com --certificate x": "not the ARN of a certificate",
	} {
		_, _, err := catalog(t).Parse("", line)
		if words := commands.Words(err); err == nil || words.Kind != commands.Usage || !strings.Contains(words.Error(), want) {
			t.Errorf("%s: got %v, want %q", line, err, want)
		}
	}
	for _, line := range []string{
		start + "--domain-name api.example.com", start + "--alias api.example.com --certificate arn:aws:acm:us-east-1:1:certificate/a --no-check",
		"aws apigatewayv2 create-api-mapping --api-id abc --domain-name api.example.com --stage $default",
		"api domain add --api myapi --domain-name api.example.com", "aws apigatewayv2 delete-domain-name --domain-name api.example.com", "api domain remove --api myapi --domain-name api.example.com",
		parting{picked: picked{API: aws.API{ID: "a1", Name: "my api"}}, Address: address{Domain: aws.APIDomain{Name: "api.example.com", Certificate: "arn:aws:acm:us-east-1:1:certificate/a"}}}.undo(),
		removeName(aws.Target{Region: "eu-west-1"}, "api.example.com"),
	} {
		if _, _, err := catalog(t).Parse("", line); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// A check looks at a route that answers whoever asks without arguments; one that wants a token answers well by refusing.
func TestWhatIsWatchedAtAName(t *testing.T) {
	t.Parallel()
	for want, routes := range map[string][]aws.APIRoute{
		"https://api.example.com/ []":         {{Key: "$default", Authorization: byNobody}},
		"https://api.example.com/a []":        {{Key: "POST /", Authorization: byNobody}, {Key: "GET /{id}", Authorization: byNobody}, {Key: "GET /a", Authorization: byNobody}},
		"https://api.example.com/b [401]":     {{Key: "GET /b", Authorization: byToken}},
		"https://api.example.com/c [403]":     {{Key: "ANY /c", Authorization: byIAM}},
		" []":                                 {{Key: "GET /d", Authorization: "CUSTOM"}, {Key: "ANY /{proxy+}", Authorization: byNobody}},
		"https://api.example.com/z/last []":   {{Key: "GET /d", Authorization: "CUSTOM"}, {Key: "GET /z/last", Authorization: byNobody}},
		"https://api.example.com/first [403]": {{Key: "GET /first", Authorization: byIAM}, {Key: "GET /second", Authorization: byNobody}},
	} {
		c, ok := watched("api.example.com", routes)
		if got := fmt.Sprint(c.URL, " ", c.Status); got != want || ok != (c.URL != "") {
			t.Errorf("%v are watched at %s, %t; want %s", routes, got, ok, want)
		}
	}
	if _, ok := watched(strings.Repeat("a", 60)+".example.com", []aws.APIRoute{{Key: "GET /"}}); ok {
		t.Error("a check has a name that is too long")
	}
}
