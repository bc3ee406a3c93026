package page

// SettingData is one thing that is on or off: an icon, what it is, one sentence, a switch and its word.
// On and Off default to « ouvert » and « fermé ».
type SettingData struct {
	Icon, ID, Name, Value, Title, Text string
	On, Off                            string
	Checked, Disabled                  bool
	Reason                             string // why it cannot be changed, when Disabled
}

// SwitchData is a switch alone, named by its label or, with LabelledBy, by another element.
type SwitchData struct {
	ID, Name, Value, Label, DescribedBy string
	On, Off                             string
	Checked, Disabled                   bool
}

// Tint is a colour to choose, "#B4532F".
type Tint struct {
	Value, Label, Colour string
	Checked              bool
}

// Task is something to complete; Done lines come last and are not links.
type Task struct {
	Title, Text, Href string
	Done              bool
}

// PreviewData is what a page of a territory will look like on a phone.
type PreviewData struct {
	Sign, Kind, Name, Phone, Title string
	Lines                          []Tile // icon and title of each service
}

// hexOr keeps a colour written as six hexadecimal digits; anything else is drawn grey.
func hexOr(colour string) string {
	if hexColour.MatchString(colour) {
		return colour
	}
	return "#857D6F"
}

func (d SettingData) id() string { return orElse(d.ID, anchor(d.Name+"-"+d.Value)) }

func (d SwitchData) id() string { return orElse(d.ID, anchor(d.Name+"-"+d.Value)) }

func (d SettingData) toggle() SwitchData {
	return SwitchData{ID: d.id(), Name: d.Name, Value: d.Value, DescribedBy: d.id() + "-aide",
		On: d.On, Off: d.Off, Checked: d.Checked, Disabled: d.Disabled}
}
