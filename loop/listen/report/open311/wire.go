package open311

import (
	"time"

	"parvis/platform/geo"
)

// Status of a request: the two words of the specification.
const (
	Open   = "open"
	Closed = "closed"
)

// Types of a service: how a request gets its identifier.
const (
	Realtime = "realtime" // at once
	Batch    = "batch"    // a token at once, the identifier later
	Blackbox = "blackbox" // never
)

// Datatypes of an attribute.
const (
	String     = "string" // one line
	Number     = "number"
	Datetime   = "datetime"
	Text       = "text" // several lines
	SingleList = "singlevaluelist"
	MultiList  = "multivaluelist"
)

// Specification is how discovery names GeoReport v2.
const Specification = "http://wiki.open311.org/GeoReport_v2"

// MaxDescription is how many characters a description may have.
const MaxDescription = 4000

// Service is something that may be reported.
type Service struct {
	Code, Name, Description string
	Metadata                bool // a definition must be read before posting
	Type                    string
	Keywords                []string
	Group                   string
}

// Definition is what a service asks.
type Definition struct {
	ServiceCode string
	Attributes  []Attribute
}

// Attribute is a question, or a line of information when Variable is false.
type Attribute struct {
	Variable            bool
	Code, Datatype      string
	Required            bool
	DatatypeDescription string
	Order               int // 1 first
	Description         string
	Values              []Value // of lists
}

// Value is one answer of a list.
type Value struct{ Key, Name string }

// Request is a report as others read it.
type Request struct {
	ID, Status, StatusNotes            string
	ServiceName, ServiceCode           string
	Description, Agency, Notice        string
	RequestedAt, UpdatedAt, ExpectedAt time.Time // zero: unsaid
	Address, AddressID, Zipcode        string
	Point                              *geo.Point // nil: unsaid
	MediaURL                           string
	Extended                           *Extended // with extensions=true only
}

// Extended is what extensions=true adds.
type Extended struct {
	Channel    string
	Photos     []Photo
	Attributes []Answered
	Notes      []Note
}

// Photo is a picture of a request.
type Photo struct {
	MediaURL, Title string
	Width, Height   int
	CreatedAt       time.Time
}

// Answered is the public answer to an attribute.
type Answered struct{ Code, Label, Name, Value string }

// Note is a line of the story of a request.
type Note struct {
	At                time.Time
	Description, Type string
}

// Update is something that happened to a request (extension of FixMyStreet).
type Update struct {
	ID, RequestID, Status string
	At                    time.Time
	Description, MediaURL string
	ExternalStatus        string
}

// Receipt answers a posted request: an identifier, or a token, never both.
type Receipt struct{ RequestID, Token, Notice, AccountID string }

// Fault is one thing wrong with a call. Code is the HTTP status or something
// more precise.
type Fault struct{ Code, Description string }

// Discovery says where the interface is.
type Discovery struct {
	Changeset           time.Time
	Contact, KeyService string
	Endpoints           []Endpoint
}

// Endpoint is one address of the interface. Type is production, test or
// acceptation.
type Endpoint struct {
	Specification, URL, Type string
	Changeset                time.Time
	Formats                  []string
}
