package blockkit

import "strings"

// Slack's limits, counted in UTF-16 units, which is the larger of the two ways in which Slack may count
// (https://docs.slack.dev/reference/block-kit/blocks).
const (
	maxBlocks       = 50
	maxSection      = 3000
	maxFields       = 10
	maxField        = 2000
	maxContext      = 2000
	maxButtons      = 25
	maxButtonText   = 75
	maxButtonValue  = 2000
	maxOptions      = 100
	maxOptionValue  = 150
	maxConfirmTitle = 100
	maxConfirmText  = 300
	maxTableRows    = 100 // with the header
	maxTableColumns = 20
	maxTableChars   = 10000
	maxText         = 40000
	// maxShortText is where Slack begins to split messages, and chat.update to refuse them.
	maxShortText = 4000
	// maxBlockText is for all blocks together: Slack answers msg_blocks_too_long from about 13,200
	// characters, container overhead included, which its documentation does not mention.
	maxBlockText = 12000
	// maxAtom is the longest piece of text that is never broken.
	maxAtom = 1800
)

// units is the length of a text as Slack may count it.
func units(text string) int {
	n := 0
	for _, r := range text {
		n += unitsOf(r)
	}
	return n
}

func unitsOf(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// short cuts a text that has its full form elsewhere in the message.
func short(text string, limit int) string {
	if units(text) <= limit {
		return text
	}
	return cut(text, limit-1, unitsOf)[0] + "…"
}

// cut breaks a text into pieces of at most limit, each rune counted by size. It answers at least one piece.
func cut(text string, limit int, size func(rune) int) []string {
	var pieces []string
	start, n := 0, 0
	for i, r := range text {
		if n+size(r) > limit && i > start {
			pieces = append(pieces, text[start:i])
			start, n = i, 0
		}
		n += size(r)
	}
	return append(pieces, text[start:])
}

// item is a line, a row or a field: what is counted when something has to be left out.
type item struct {
	atoms []string // pieces of mrkdwn that must not be broken
	count int      // 1, or 0 for a heading
}

// chunk is a text that fits into one block.
type chunk struct {
	text  string
	count int  // how many items end in it
	small bool // shown small
}

// pack puts items, one a line, into as few chunks as possible. An item longer than a chunk is broken between atoms.
func pack(items []item, limit int) []chunk {
	var chunks []chunk
	var text strings.Builder
	used, count := 0, 0
	flush := func() {
		if strings.TrimSpace(text.String()) != "" {
			chunks = append(chunks, chunk{text: strings.TrimRight(text.String(), " \n"), count: count})
			count = 0
		}
		text.Reset()
		used = 0
	}
	for _, it := range items {
		size := units(strings.Join(it.atoms, ""))
		if used > 0 && used+size+1 > limit {
			flush()
		}
		for _, atom := range it.atoms {
			if n := units(atom); used+n > limit {
				flush()
			}
			text.WriteString(atom)
			used += units(atom)
		}
		text.WriteString("\n")
		used++
		count += it.count
	}
	flush()
	if count > 0 && len(chunks) > 0 {
		chunks[len(chunks)-1].count += count
	}
	return chunks
}
