package check

import (
	"net/url"
	"strings"
	"time"
)

// Kind is how a check looks. The scheme of its URL says it.
type Kind string

// The kinds.
const (
	HTTP        Kind = "http"         // http://HOST[:PORT]/PATH and https://
	TCP         Kind = "tcp"          // tcp://HOST:PORT: a connection is taken
	TLS         Kind = "tls"          // tls://HOST[:PORT]: the certificate is valid
	DNS         Kind = "dns"          // dns://NAME[?type=A][&server=HOST[:PORT]]: the name has records
	ICMP        Kind = "icmp"         // icmp://HOST: an echo comes back
	Beat        Kind = "heartbeat"    // heartbeat://NAME: a job calls in time
	TargetGroup Kind = "target-group" // target-group://NAME[?region=REGION][&account=ACCOUNT]: every target is healthy
	EC2         Kind = "ec2"          // ec2://INSTANCE: it runs and its status checks pass
	Lambda      Kind = "lambda"       // lambda://FUNCTION: few enough of its invocations failed lately
	Domain      Kind = "domain"       // domain://NAME: the name is registered, and stays so
)

// Kinds are all of them, in the order in which help tells them.
var Kinds = []Kind{HTTP, TCP, TLS, DNS, ICMP, Beat, TargetGroup, EC2, Lambda, Domain} //nolint:gochecknoglobals // a constant list

// Kind answers how the check looks.
func (c Check) Kind() Kind {
	scheme, _, _ := strings.Cut(c.URL, ":")
	if scheme == "https" {
		return HTTP
	}
	return Kind(scheme)
}

// Connects tells whether a look of a kind opens a connection to what stands in its address.
func (k Kind) Connects() bool { return !k.AsksAWS() && k != Beat && k != Domain }

// LambdaWindow is the time over which the failed invocations of a function are counted.
const LambdaWindow = 15 * time.Minute

// AsksAWS tells whether a kind is AWS's own.
func (k Kind) AsksAWS() bool { return k == TargetGroup || k == EC2 || k == Lambda }

// Same tells whether two checks look at the same thing in the same way, whatever they are called.
func (c Check) Same(other Check) bool {
	if c.Kind() == Beat || other.Kind() == Beat {
		return false
	}
	return plainURL(c.URL) == plainURL(other.URL) && c.method() == other.method()
}

func (c Check) method() string {
	if c.Request == nil || c.Request.Method == "" {
		return "GET"
	}
	return c.Request.Method
}

// plainURL spells a URL in one way: small host, no port that goes without saying, a path.
func plainURL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	u.Host = strings.ToLower(u.Host)
	for scheme, port := range map[string]string{"http": ":80", "https": ":443", "tls": ":443"} {
		if u.Scheme == scheme {
			u.Host = strings.TrimSuffix(u.Host, port)
		}
	}
	if u.Path == "" {
		u.Path = "/"
	}
	u.Fragment = ""
	return u.String()
}
