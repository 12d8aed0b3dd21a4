// Package blockkit turns a report into a Slack message: Block Kit blocks, and a text that carries the same
// content for screen readers, notifications and clients that know no blocks. It does no I/O.
//
// Two promises hold for every report: the message is within Slack's limits, and nothing is left out
// without words that say so.
//
// # Names read as they were typed
//
// Slack's mrkdwn has no escape for its control characters, and a zero-width character inside a name would travel
// along when the name is copied. A word of plain text that Slack would change (*x*, _x, ~/a,
// arn:aws:iam::1:role/x because of :aws:) is therefore shown as code, which is exact and copies cleanly. A backtick in plain
// text becomes the look-alike U+02CB, because code cannot hold one. Names such as my_app_1 need nothing.
package blockkit
