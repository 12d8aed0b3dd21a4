package aws

// ProbeVersion is the version of what a probe is asked and answers.
const ProbeVersion = 1

// ProbeAsk is what the function of a probe is asked: one look at one endpoint. See docs/probes.md.
type ProbeAsk struct {
	Version   int               `json:"probe"`
	URL       string            `json:"url"` // http://, https://, tcp://HOST:PORT, tls://HOST:PORT
	Method    string            `json:"method,omitempty"`
	Headers   map[string]string `json:"headers,omitempty"`
	Body      string            `json:"body,omitempty"`
	Redirects int               `json:"redirects"`  // how many are followed; below 0: a redirect is an answer
	TimeoutMS int64             `json:"timeout_ms"` // of the whole look
	Private   bool              `json:"private"`    // private addresses may be looked at

	WantHeaders []string `json:"want_headers,omitempty"` // headers whose values are answered
	Find        string   `json:"find,omitempty"`         // text to look for in the body
	WantBody    bool     `json:"want_body,omitempty"`    // the body is answered, its first mebibyte
}

// ProbeAnswer is what the function of a probe saw.
type ProbeAnswer struct {
	Version   int                 `json:"probe"`
	Status    int                 `json:"status,omitempty"` // of HTTP; 0 where none came
	Headers   map[string][]string `json:"headers,omitempty"`
	Read      int                 `json:"read,omitempty"`  // bytes of the body, at most a mebibyte and one
	Whole     bool                `json:"whole,omitempty"` // the body is no longer than a mebibyte
	Found     bool                `json:"found,omitempty"`
	Body      []byte              `json:"body,omitempty"`    // base64
	Expires   int64               `json:"expires,omitempty"` // when the certificate ends, in seconds since 1970; 0 where none was seen
	Names     []string            `json:"names,omitempty"`   // that the certificate is for
	LatencyMS float64             `json:"latency_ms"`
	TookMS    map[string]float64  `json:"took_ms,omitempty"` // by part: dns, connect, tls, first_byte, body; over redirects they add up
	Failure   *ProbeFailure       `json:"failure,omitempty"` // nil where a whole answer came
	Pretended string              `json:"pretended,omitempty"`
}

// ProbeFailure is why no answer, or no whole answer, came.
type ProbeFailure struct {
	Kind ProbeKind `json:"kind"`
	Text string    `json:"text,omitempty"` // where the kind does not say it all
}

// ProbeKind is a kind of failure.
type ProbeKind string

// The kinds.
const (
	ProbeLate        ProbeKind = "late"        // the time was over
	ProbeName        ProbeKind = "name"        // there is no such name
	ProbeResolver    ProbeKind = "resolver"    // the name server did not answer
	ProbeRefused     ProbeKind = "refused"     // the connection
	ProbeReset       ProbeKind = "reset"       // the connection
	ProbeUnreachable ProbeKind = "unreachable" // no way to the host
	ProbeClosed      ProbeKind = "closed"      // before the answer was complete
	ProbeForbidden   ProbeKind = "forbidden"   // a metadata or link-local address, or the function's own machine
	ProbePrivate     ProbeKind = "private"     // a private address, which the ask does not allow
	ProbeRedirects   ProbeKind = "redirects"   // more than the ask follows
	ProbeScheme      ProbeKind = "scheme"      // a redirect leads to what is no endpoint; the text is the scheme
	ProbeHTTP        ProbeKind = "http"        // what came is not HTTP
	ProbeHeaders     ProbeKind = "headers"     // are too large
	ProbeNoTLS       ProbeKind = "no-tls"      // the endpoint does not speak it
	ProbeTLS         ProbeKind = "tls"         // the handshake was refused
	ProbeExpired     ProbeKind = "expired"     // the certificate
	ProbeNotYet      ProbeKind = "not-yet"     // the certificate is valid only later
	ProbeHost        ProbeKind = "host"        // the certificate is for another name
	ProbeAuthority   ProbeKind = "authority"   // nobody known has signed the certificate
	ProbeCertificate ProbeKind = "certificate" // is wrong in another way
	ProbeOther       ProbeKind = "other"
	ProbeUnversed    ProbeKind = "version" // the function is of another version
)
