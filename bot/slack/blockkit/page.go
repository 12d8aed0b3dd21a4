package blockkit

import "strconv"

// noteRoom is what the words about something left out may take.
const noteRoom = 120

// page is the room that a part of a message may take, in blocks and in characters. What does not
// fit is named in words, for which a place is always kept.
type page struct {
	blocks, chars int
	used          int // characters
	missed        int // parts of which nothing is shown
	emit          func(chunk)
}

// fits tells whether something has room beside the words that may have to follow it.
func (p *page) fits(blocks, chars int) bool { return blocks <= p.blocks && chars <= p.chars }

func (p *page) spend(blocks, chars int) {
	p.blocks -= blocks
	p.chars -= chars
	p.used += chars
}

func (p *page) put(c chunk) {
	p.spend(1, units(c.text)+1)
	p.emit(c)
}

// place puts all chunks, or as many as leave room to say how many of what are missing.
func (p *page) place(chunks []chunk, noun string) {
	blocks, chars := len(chunks), 0
	for _, c := range chunks {
		chars += units(c.text) + 1
	}
	if p.fits(blocks, chars) {
		for _, c := range chunks {
			p.put(c)
		}
		return
	}
	placed := 0
	for placed < len(chunks) && p.fits(2, units(chunks[placed].text)+1+noteRoom) {
		p.put(chunks[placed])
		placed++
	}
	missing := 0
	for _, c := range chunks[placed:] {
		missing += c.count
	}
	p.note(missing, noun)
}

// note says how much is missing.
func (p *page) note(missing int, noun string) {
	words := "The rest does not fit into this message."
	if missing > 0 {
		words = strconv.Itoa(missing) + " more " + noun + "; they do not fit into this message."
	}
	if noun == "rows" && missing > 0 {
		words = strconv.Itoa(missing) + " more rows; narrow the question down to see them."
	}
	p.put(chunk{text: words, small: true})
}

// part puts one part of the body, of which remaining are left with this one. Room is kept for the words
// about parts that are missing altogether.
func (p *page) part(chunks []chunk, noun string, remaining int) {
	if len(chunks) == 0 {
		return
	}
	if p.missed > 0 || !p.begin(remaining) {
		p.missed++
		return
	}
	p.place(chunks, noun)
	p.end(remaining)
}

// begin keeps room for close; it answers false where nothing more can be shown.
func (p *page) begin(remaining int) bool {
	keep, keepChars := 0, 0
	if remaining > 1 {
		keep, keepChars = 1, noteRoom
	}
	if !p.fits(1+keep, noteRoom+keepChars) {
		return false
	}
	p.blocks -= keep
	p.chars -= keepChars
	return true
}

// end gives back what begin kept.
func (p *page) end(remaining int) {
	if remaining > 1 {
		p.blocks++
		p.chars += noteRoom
	}
}

// close says how many parts are missing altogether.
func (p *page) close() {
	if p.missed > 0 {
		p.put(chunk{text: strconv.Itoa(p.missed) + " more parts of this answer; they do not fit into this message.", small: true})
	}
}
