package config

// The raw types mirror the YAML, key for key. Their leaves (text, number, texts, statuses, pairs; see leaf.go) keep
// the line they were written on; a section's line is that of its key, or of the list item that it is, and 0 where
// it could not be read, which is reported already.

type rawConfig struct {
	Slack         *rawSlack     `yaml:"slack"`
	Admin         *rawAdmin     `yaml:"admin"`
	AWS           *rawAWS       `yaml:"aws"`
	Store         *rawStore     `yaml:"store"`
	TimeZone      text          `yaml:"time_zone"`
	Alarm         text          `yaml:"alarm_channel"`
	People        []rawPerson   `yaml:"people"`
	Policy        []rawRule     `yaml:"policy"`
	Net           *rawNet       `yaml:"net"`
	Health        *rawHealth    `yaml:"health"`
	Checks        []rawCheck    `yaml:"checks"`
	Schedules     []rawSchedule `yaml:"schedules"`
	Holidays      texts         `yaml:"holidays"`
	Channels      []rawChannel  `yaml:"channels"`
	Leases        *rawLeases    `yaml:"leases"`
	Access        []rawAccess   `yaml:"access"`
	Recycle       *rawRecycle   `yaml:"recycle"`
	Limits        *rawLimits    `yaml:"limits"`
	Templates     []rawTemplate `yaml:"templates"`
	Profiles      []rawProfile  `yaml:"profiles"`
	Documents     []rawDocument `yaml:"documents"`
	Scripts       []rawScript   `yaml:"scripts"`
	CheckDefaults *rawDefaults  `yaml:"check_defaults"`
	Maintenance   []rawWindow   `yaml:"maintenance"`
}

type rawSlack struct {
	Line          int
	Transport     text  `yaml:"transport"`
	BotToken      text  `yaml:"bot_token"`
	AppToken      text  `yaml:"app_token"`
	SigningSecret texts `yaml:"signing_secret"`
	Listen        text  `yaml:"listen"`
	APIURL        text  `yaml:"api_url"`
	Commands      texts `yaml:"commands"`
}

type rawAdmin struct {
	Line   int
	Listen text     `yaml:"listen"`
	Ping   *rawPing `yaml:"ping"`
}

type rawPing struct {
	Line  int
	URL   text `yaml:"url"`
	Every text `yaml:"every"`
}

type rawAWS struct {
	Line        int
	Region      text         `yaml:"region"`
	EndpointURL text         `yaml:"endpoint_url"`
	ServiceRole text         `yaml:"service_role"`
	Accounts    []rawAccount `yaml:"accounts"`
}

type rawAccount struct {
	Line        int
	Name        text  `yaml:"name"`
	RoleARN     text  `yaml:"role_arn"`
	ServiceRole text  `yaml:"service_role"`
	Regions     texts `yaml:"regions"`
}

type rawStore struct {
	Line int
	URL  text `yaml:"url"`
}

type rawRule struct {
	Line      int
	Who       texts     `yaml:"who"`
	What      texts     `yaml:"what"`
	Where     texts     `yaml:"where"`
	On        pairs     `yaml:"on"`
	CostAbove number    `yaml:"cost_above"`
	CostToday number    `yaml:"cost_above_today"`
	Effect    text      `yaml:"effect"`
	Approvers texts     `yaml:"approvers"`
	Approvals number    `yaml:"approvals"`
	Tiers     []rawTier `yaml:"tiers"`
	RerouteTo texts     `yaml:"reroute_to"`
	Glass     texts     `yaml:"break_glass"`
	Factor    text      `yaml:"second_factor"`
}

type rawTier struct {
	Line      int
	Approvers texts  `yaml:"approvers"`
	Approvals number `yaml:"approvals"`
}

type rawNet struct {
	Line     int
	CIDRSets sets `yaml:"cidr_sets"`
}

type rawHealth struct {
	Line          int
	AllowPrivate  text         `yaml:"allow_private"`
	HeartbeatsOn  text         `yaml:"heartbeats_on"`
	HeartbeatsURL text         `yaml:"heartbeats_url"`
	Objective     text         `yaml:"objective"`
	RDAPURL       text         `yaml:"rdap_url"`
	Webhooks      []rawWebhook `yaml:"webhooks"`
}

type rawWebhook struct {
	Line          int
	Name          text `yaml:"name"`
	URL           text `yaml:"url"`
	Authorization text `yaml:"authorization"`
}

type rawCheck struct {
	Line      int
	Name      text          `yaml:"name"`
	Kind      text          `yaml:"kind"`
	URL       text          `yaml:"url"`
	Schedule  text          `yaml:"schedule"`
	Timeout   text          `yaml:"timeout"`
	Request   *rawRequest   `yaml:"request"`
	Heartbeat *rawHeartbeat `yaml:"heartbeat"`
	Expect    *rawExpect    `yaml:"expect"`
	From      texts         `yaml:"from"`
	Agree     number        `yaml:"agree"`
	FailAfter number        `yaml:"fail_after"`
	PassAfter number        `yaml:"pass_after"`
	Objective text          `yaml:"objective"`
	Channel   text          `yaml:"channel"`

	Parent        text  `yaml:"parent"`
	Owner         text  `yaml:"owner"`
	EscalateTo    texts `yaml:"escalate_to"`
	EscalateAfter text  `yaml:"escalate_after"`
	Reminders     text  `yaml:"reminders"`
}

type rawDefaults struct {
	Line          int
	Channel       text  `yaml:"channel"`
	Owner         text  `yaml:"owner"`
	EscalateTo    texts `yaml:"escalate_to"`
	EscalateAfter text  `yaml:"escalate_after"`
	Reminders     text  `yaml:"reminders"`
}

type rawWindow struct {
	Line     int
	Name     text  `yaml:"name"`
	Cron     text  `yaml:"cron"`
	Duration text  `yaml:"duration"`
	TimeZone text  `yaml:"time_zone"`
	Checks   texts `yaml:"checks"`
	Reason   text  `yaml:"reason"`
}

type rawRequest struct {
	Line      int
	Method    text   `yaml:"method"`
	Headers   pairs  `yaml:"headers"`
	Body      text   `yaml:"body"`
	Redirects number `yaml:"redirects"`
}

type rawHeartbeat struct {
	Line  int
	Every text `yaml:"every"`
	Grace text `yaml:"grace"`
	Token text `yaml:"token"`
}

type rawExpect struct {
	Line            int
	Status          statuses `yaml:"status"`
	Body            text     `yaml:"body"`
	Headers         pairs    `yaml:"headers"`
	JSON            texts    `yaml:"json"`
	Latency         text     `yaml:"latency"`
	Records         texts    `yaml:"records"`
	CertificateDays number   `yaml:"certificate_days"`
	Errors          number   `yaml:"errors"`
}

type rawSchedule struct {
	Line     int
	Name     text `yaml:"name"`
	Cron     text `yaml:"cron"`
	TimeZone text `yaml:"time_zone"`
	Channel  text `yaml:"channel"`
	Run      text `yaml:"run"`
	// In the place of cron.
	Hours    text `yaml:"hours"`
	RunAtEnd text `yaml:"run_at_end"`
	// When it does not run.
	Skip         texts `yaml:"skip"`
	SkipHolidays text  `yaml:"skip_holidays"`
	QuietHours   text  `yaml:"quiet_hours"`
}

type rawTemplate struct {
	Line       int
	Name       text  `yaml:"name"`
	File       text  `yaml:"file"`
	Parameters pairs `yaml:"parameters"`
}
