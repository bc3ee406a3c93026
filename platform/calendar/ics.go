package calendar

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/emersion/go-ical"
)

// ContentType is the media type of an .ics file, for a page or an attachment; add
// "; method=REQUEST" to that of a mail part that carries an invitation (RFC 6047).
const ContentType = "text/calendar; charset=utf-8"

// feedLimit bounds the events of a feed.
const feedLimit = 10_000

// Method says what an .ics file asks of the calendar that receives it (RFC 5546,
// § 1.4).
type Method string

// Methods; "" is MethodPublish.
const (
	// MethodPublish gives an event to whoever wants it.
	MethodPublish Method = "PUBLISH"
	// MethodRequest invites the attendees, or tells them of a change.
	MethodRequest Method = "REQUEST"
	// MethodCancel takes an event back: same UID, higher Sequence.
	MethodCancel Method = "CANCEL"
)

// Person is an organiser or an attendee.
type Person struct {
	Name  string // shown; may be empty
	Email string
}

// Event is what goes into an .ics file. Texts may hold line breaks and any
// character; control characters are dropped.
type Event struct {
	// UID names the event for ever, over all its versions (RFC 7986, § 5.3):
	// "appointment-123@parvis". Required.
	UID string
	// Sequence is the number of the version, from 0; each change is higher.
	Sequence int
	Method   Method
	// Stamp is when this version was made: the one now of the transaction. Required
	// (RFC 5545, § 3.8.7.2).
	Stamp time.Time
	// Start and End: [Start, End), to the second.
	Start, End time.Time
	// AllDay writes days instead of hours: those of Start and End in TZ, the day of
	// End excluded.
	AllDay bool
	// TZ is the zone in which people read the times. nil or UTC writes UTC.
	TZ          *time.Location
	Summary     string
	Description string
	Location    string
	// URL is an absolute http or https address; "" for none.
	URL string
	// Organizer is required to request and to cancel, and an attendee to request
	// (RFC 5546, § 3.2.2 and § 3.2.5).
	Organizer Person
	Attendees []Person
}

// ICS returns the .ics file of one event: CRLF lines of at most 75 octets, the
// definition of its time zone included. It fails when a required field is missing
// or one cannot be written.
func ICS(e Event) ([]byte, error) {
	calendar := newCalendar(e.method())
	if err := addEvents(calendar, []Event{e}); err != nil {
		return nil, err
	}
	return encode(calendar)
}

// Feed is a calendar to subscribe to.
type Feed struct {
	Name        string
	Description string
	URL         string        // where the feed is; "" for none
	Refresh     time.Duration // how often to ask again; 0 says nothing
}

// ICS returns the .ics file of the feed with its events, at most 10 000, none for a
// quiet month. A feed publishes: an event whose Method is MethodCancel is written as
// cancelled. Two events may not have the same UID.
func (f Feed) ICS(events []Event) ([]byte, error) {
	if len(events) > feedLimit {
		return nil, fmt.Errorf("feed %q: %d events, want at most %d", f.Name, len(events), feedLimit)
	}
	calendar := newCalendar(MethodPublish)
	setText(calendar.Props, ical.PropName, f.Name)
	setText(calendar.Props, "X-WR-CALNAME", f.Name) // what came before RFC 7986
	setText(calendar.Props, ical.PropDescription, f.Description)
	if err := setURL(calendar.Props, ical.PropURL, f.URL); err != nil {
		return nil, fmt.Errorf("feed %q: %w", f.Name, err)
	}
	if f.Refresh > 0 {
		refresh := ical.NewProp(ical.PropRefreshInterval)
		refresh.Params.Set("VALUE", "DURATION") // required by RFC 7986, § 5.7
		refresh.Value = fmt.Sprintf("PT%dS", int64(f.Refresh/time.Second))
		calendar.Props.Set(refresh)
	}
	uids := make(map[string]bool, len(events))
	for _, e := range events {
		if uids[e.UID] {
			return nil, fmt.Errorf("feed %q: two events have the UID %q", f.Name, e.UID)
		}
		uids[e.UID] = true
	}
	if err := addEvents(calendar, events); err != nil {
		return nil, fmt.Errorf("feed %q: %w", f.Name, err)
	}
	if len(events) == 0 { // at least one component is required (RFC 5545, § 3.6)
		zone, err := timezone(time.UTC, Span(time.Unix(0, 0), time.Unix(1, 0)))
		if err != nil {
			return nil, fmt.Errorf("feed %q: %w", f.Name, err)
		}
		calendar.Children = append(calendar.Children, zone)
	}
	return encode(calendar)
}

func newCalendar(method Method) *ical.Calendar {
	calendar := ical.NewCalendar()
	calendar.Props.SetText(ical.PropVersion, "2.0")
	calendar.Props.SetText(ical.PropProductID, "-//Parvis//Parvis//FR")
	calendar.Props.SetText(ical.PropCalendarScale, "GREGORIAN")
	calendar.Props.SetText(ical.PropMethod, string(method))
	return calendar
}

// addEvents writes the zones first, then the events, in their order.
func addEvents(calendar *ical.Calendar, events []Event) error {
	zones, err := timezones(events)
	if err != nil {
		return err
	}
	calendar.Children = append(calendar.Children, zones...)
	for _, e := range events {
		component, err := e.component()
		if err != nil {
			return fmt.Errorf("event %q: %w", e.UID, err)
		}
		calendar.Children = append(calendar.Children, component)
	}
	return nil
}

func (e Event) method() Method {
	if e.Method == "" {
		return MethodPublish
	}
	return e.Method
}

func (e Event) zoned() bool { return e.TZ != nil && e.TZ != time.UTC && !e.AllDay }

func (e Event) component() (*ical.Component, error) {
	if err := e.validate(); err != nil {
		return nil, err
	}
	event := ical.NewEvent()
	setText(event.Props, ical.PropUID, e.UID)
	event.Props.SetDateTime(ical.PropDateTimeStamp, e.Stamp.UTC())
	sequence := ical.NewProp(ical.PropSequence)
	sequence.Value = fmt.Sprint(e.Sequence)
	event.Props.Set(sequence)
	e.setTimes(event.Props)
	setText(event.Props, ical.PropSummary, e.Summary)
	setText(event.Props, ical.PropDescription, e.Description)
	setText(event.Props, ical.PropLocation, e.Location)
	status := ical.EventConfirmed
	if e.method() == MethodCancel {
		status = ical.EventCancelled
	}
	event.SetStatus(status)
	if err := setURL(event.Props, ical.PropURL, e.URL); err != nil {
		return nil, err
	}
	if e.Organizer.Email != "" {
		organizer, err := e.Organizer.prop(ical.PropOrganizer)
		if err != nil {
			return nil, err
		}
		event.Props.Set(organizer)
	}
	for _, attendee := range e.Attendees {
		prop, err := attendee.prop(ical.PropAttendee)
		if err != nil {
			return nil, err
		}
		event.Props.Add(prop)
	}
	return event.Component, nil
}

func (e Event) validate() error {
	switch {
	case cleaned(e.UID) == "":
		return errors.New("no UID")
	case e.Stamp.IsZero():
		return errors.New("no stamp")
	case e.Sequence < 0:
		return fmt.Errorf("sequence %d is negative", e.Sequence)
	case e.End.Unix() <= e.Start.Unix():
		return fmt.Errorf("it ends at %v, not after %v", e.End, e.Start)
	case e.zoned() && (e.TZ.String() == "Local" || e.TZ.String() == ""):
		return errors.New("its zone has no name others know")
	}
	switch e.method() {
	case MethodPublish:
	case MethodRequest, MethodCancel:
		if e.Organizer.Email == "" {
			return fmt.Errorf("%s without organizer", e.method())
		}
		if e.method() == MethodRequest && len(e.Attendees) == 0 {
			return errors.New("REQUEST without attendee")
		}
	default:
		return fmt.Errorf("method %q", string(e.Method))
	}
	return nil
}

func (e Event) setTimes(props ical.Props) {
	zone := time.UTC
	if e.TZ != nil {
		zone = e.TZ
	}
	if !e.AllDay {
		props.SetDateTime(ical.PropDateTimeStart, e.Start.In(zone))
		props.SetDateTime(ical.PropDateTimeEnd, e.End.In(zone))
		return
	}
	first, end := DateOf(e.Start, zone), DateOf(e.End, zone)
	props.SetDate(ical.PropDateTimeStart, first.utc())
	props.SetDate(ical.PropDateTimeEnd, later(end, first.AddDays(1)).utc())
	props.SetText(ical.PropTransparency, "TRANSPARENT") // a day is not a busy time
}

func (p Person) prop(name string) (*ical.Prop, error) {
	parsed, err := mail.ParseAddress(p.Email)
	if err != nil || parsed.Address != p.Email {
		return nil, fmt.Errorf("%s: %q is not an address", strings.ToLower(name), p.Email)
	}
	prop := ical.NewProp(name)
	prop.Value = "mailto:" + url.PathEscape(p.Email)
	// A quotation mark cannot be written in a parameter (RFC 5545, § 3.2).
	if shown := strings.ReplaceAll(cleaned(p.Name), `"`, "”"); shown != "" {
		prop.Params.Set(ical.ParamCommonName, strings.Join(strings.Fields(shown), " "))
	}
	return prop, nil
}

func setText(props ical.Props, name, text string) {
	if text = cleaned(text); text != "" {
		props.SetText(name, text)
	}
}

func setURL(props ical.Props, name, address string) error {
	if address == "" {
		return nil
	}
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "https" && parsed.Scheme != "http") {
		return fmt.Errorf("%q is not a web address", address)
	}
	props.SetURI(name, parsed)
	return nil
}

// cleaned makes line ends \n and drops what iCalendar text cannot hold (RFC 5545,
// § 3.3.11): control characters, invalid UTF-8.
func cleaned(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		if r == '\r' {
			return '\n'
		}
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
}
