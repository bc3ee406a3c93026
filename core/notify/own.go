package notify

// The notices of the hub itself.
const (
	stoppedNotice = "notify.stopped"
	answerNotice  = "notify.answer"
	budgetNotice  = "notify.budget"
)

// Notices declares the messages of the hub itself; notify/desk passes them on.
func Notices() []Notice {
	return []Notice{
		{Name: stoppedNotice, Label: "notify.notice.stopped", Channels: []Channel{SMS}, Urgent: true, Required: true},
		{Name: answerNotice, Label: "notify.notice.answer", Channels: []Channel{SMS}, Urgent: true},
		{Name: budgetNotice, Label: "notify.notice.budget", Channels: []Channel{Mail},
			Fields: map[string]string{"Cap": "10\u202f000\u00a0€", "Share": "80"}},
	}
}
