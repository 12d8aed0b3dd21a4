package commands

import (
	"encoding/json"
	"fmt"
)

// Tone is the colour of a report.
type Tone string

// The tones.
const (
	Plain   Tone = ""        // an answer to a question
	Working Tone = "working" // under way
	Waiting Tone = "waiting" // somebody has to decide
	Good    Tone = "good"    // done
	Warning Tone = "warning" // done, with something to know; or uncertain
	Bad     Tone = "bad"     // failed, refused, down
)

// Report is what to say, in no chat's dialect. Its strings are plain text that may carry the
// inline marks of marks.go (times, people, code); a renderer turns those into its own dialect and
// escapes the rest.
type Report struct {
	Tone   Tone    `json:"tone,omitempty"`
	Title  string  `json:"title"` // one line, the important word first, no full stop
	Body   Blocks  `json:"body,omitempty"`
	Undo   string  `json:"undo,omitempty"`   // the line that takes back what was done, or what stands of it; "" where none does
	Next   []Next  `json:"next,omitempty"`   // what the reader may want to do now
	Offers []Offer `json:"offers,omitempty"` // of a plan: what may be ticked beside the yes
	Where  string  `json:"where,omitempty"`  // account and region, "123456789012 · us-east-1"; shown small at the end
}

// Next is one thing to do now: a button in a chat, a line to copy in a terminal.
type Next struct {
	Label   string `json:"label"`             // at most 30 characters, of a choice 75
	Line    string `json:"line"`              // the command it stands for, without the slash command
	Style   string `json:"style,omitempty"`   // "", "primary" or "danger"
	Confirm string `json:"confirm,omitempty"` // a question to ask before the line is sent
	// For is the one person for whom it is, a user's id: one of several things that their line may have meant. More than a few of them are a
	// list to choose from. Empty: for everybody.
	For string `json:"for,omitempty"`
	// Adds is what ticking it adds to the line of a button that Takes such; Line is that whole line. Empty: it is a button itself.
	Adds  string `json:"adds,omitempty"`
	Takes bool   `json:"takes,omitempty"`
}

// Offer is what a plan offers besides: a switch of its line, which whoever says yes may tick.
type Offer struct {
	Flag  string `json:"flag"`  // "image-first"
	Label string `json:"label"` // "Take an image first, at most $0.40 a month"
}

// Block is one part of a report's body: Text, Fields, Table, Code, Chart or File.
type Block interface{ block() string }

// Text is a paragraph.
type Text struct {
	Text string `json:"text"`
}

// Fields are names with values, shown two in a row where there is room.
type Fields struct {
	Fields []Field `json:"fields"`
}

// Field is one name with its value.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Table is rows under columns. Rows are all shown, or Note says how many are not and how to see them.
type Table struct {
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
	Note    string     `json:"note,omitempty"` // "21-40 of 143"
}

// Code is text in fixed width, to be copied.
type Code struct {
	Text string `json:"text"`
}

// Chart is a line chart over time.
type Chart struct {
	Title  string   `json:"title"`
	Unit   string   `json:"unit"`
	Labels []string `json:"labels"` // one for each point
	Series []Series `json:"series"`
	// Down is the share of each point, 0 to 1, in which something was down; drawn in pictures alone.
	Down []float64 `json:"down,omitempty"`
	// Finer is the same in more points, for whoever can draw a picture.
	Finer *Chart `json:"finer,omitempty"`
}

// Series is one line of a chart; a nil point is a gap.
type Series struct {
	Name   string     `json:"name"`
	Points []*float64 `json:"points"`
}

// File is content to be offered as a file.
type File struct {
	Name    string `json:"name"`
	Content string `json:"content"`
}

func (Text) block() string   { return "text" }
func (Fields) block() string { return "fields" }
func (Table) block() string  { return "table" }
func (Code) block() string   { return "code" }
func (Chart) block() string  { return "chart" }
func (File) block() string   { return "file" }

// Blocks is a list of blocks that survives JSON.
type Blocks []Block

type typedBlock struct {
	Type  string          `json:"type"`
	Block json.RawMessage `json:"block"`
}

// MarshalJSON writes each block beside its type.
func (b Blocks) MarshalJSON() ([]byte, error) {
	typed := make([]typedBlock, len(b))
	for i, block := range b {
		raw, err := json.Marshal(block)
		if err != nil {
			return nil, err
		}
		typed[i] = typedBlock{block.block(), raw}
	}
	return json.Marshal(typed)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (b *Blocks) UnmarshalJSON(raw []byte) error {
	var typed []typedBlock
	if err := json.Unmarshal(raw, &typed); err != nil {
		return err
	}
	*b = nil
	for _, t := range typed {
		block, err := readBlock(t)
		if err != nil {
			return err
		}
		*b = append(*b, block)
	}
	return nil
}

func readBlock(t typedBlock) (Block, error) {
	switch t.Type {
	case "text":
		return read[Text](t.Block)
	case "fields":
		return read[Fields](t.Block)
	case "table":
		return read[Table](t.Block)
	case "code":
		return read[Code](t.Block)
	case "chart":
		return read[Chart](t.Block)
	case "file":
		return read[File](t.Block)
	default:
		return nil, fmt.Errorf("unknown report block %q", t.Type)
	}
}

func read[B Block](raw []byte) (Block, error) {
	var block B
	err := json.Unmarshal(raw, &block)
	return block, err
}
