package notify

// Channel is a way to reach somebody.
type Channel string

// The channels.
const (
	Mail Channel = "mail"
	SMS  Channel = "sms"
)

// Notice declares a message that a service sends. Its texts are messages of
// the service's catalogue: for the notice "appointment.reminder" the keys
// appointment.notice.reminder.subject, .body and .sms, in French and English.
// A notice whose French text is missing stops the program at start.
type Notice struct {
	Name     string // service, then noun: "appointment.reminder"
	Label    string // i18n key shown to administrators
	Channels []Channel
	// Urgent leaves at once whatever the hour: codes, confirmations asked for
	// this minute. Others wait for the end of the quiet hours.
	Urgent bool
	// Sensitive keeps the text out of the delivery log.
	Sensitive bool
	// Fields are the placeholders with their longest realistic values, so that
	// the number of SMS parts can be shown before anything is sent.
	Fields map[string]string
}
