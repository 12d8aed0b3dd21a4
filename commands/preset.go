package commands

// Filler is implemented by runners whose arguments the configuration fills in where a line leaves them open. Fill is asked once, when the
// line is read; given tells whether the line has a flag, by the name it was declared with. What it answers goes into the line and into the
// arguments, so that what is approved is what runs, whatever the configuration says by then. Errors are of kind Usage.
type Filler interface {
	Fill(given func(flag string) bool) ([]Preset, error)
}

// Preset is the value that the configuration gives to a flag, written as in a line.
type Preset struct{ Flag, Value string }

// Words is the preset as a line says it.
func (p Preset) Words() string { return Flag(p.Flag, p.Value) }

// fillIn asks the runner what the configuration gives. It answers false where that is not known.
func (f *filling) fillIn(runner Runner) bool {
	filler, ok := runner.(Filler)
	if !ok {
		return true
	}
	presets, err := filler.Fill(func(flag string) bool { i, ok := f.spec.byName[flag]; return ok && f.given[i] })
	if err != nil {
		words := Words(err)
		f.problem("%s %s", words.Message, words.Hint)
		return false
	}
	for _, preset := range presets {
		i := f.spec.byName[preset.Flag]
		f.given[i] = true
		f.assign(f.spec.Fields[i], []string{preset.Value})
		f.preset += preset.Words()
	}
	return true
}
