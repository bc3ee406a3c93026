package page

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// Icon draws one of the line icons of Parvis inline: 24 grid, line of 1.75, always beside a word and
// hidden from assistive technology. A name that does not exist draws nothing; IconNames lists those
// that do and a test checks every name used in this package.
func Icon(name string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		path := iconPath(name)
		if path == "" {
			return nil
		}
		_, err := io.WriteString(w, `<svg class="i" viewBox="0 0 24 24" aria-hidden="true">`+path+`</svg>`)
		return err
	})
}

// IconNames lists the icons in alphabetical order, for galleries and for settings where one picks an icon.
func IconNames() []string {
	return []string{
		"alert", "arrow", "bell", "bench", "book", "bus", "cal", "camera", "chart", "check", "clock", "copy",
		"desk", "doc", "down", "ear", "euro", "eye", "filter", "flag", "globe", "group", "hand", "house", "id",
		"idea", "info", "key", "kid", "lamp", "left", "link", "lock", "mail", "menu", "move", "out", "pause",
		"pen", "phone", "pin", "plus", "print", "repeat", "right", "road", "search", "send", "set", "share", "sms",
		"star", "sun", "tool", "trash", "tree", "up", "user", "video", "vote", "wheel", "x",
	}
}

// iconPath holds the drawing of each icon, without the surrounding element.
func iconPath(name string) string {
	switch name {
	case "alert":
		return `<circle cx="12" cy="12" r="8.8"/><path d="M12 7.5v5M12 16.2v.2"/>`
	case "arrow":
		return `<path d="M4.5 12h15M13.5 6l6 6-6 6"/>`
	case "bell":
		return `<path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 2h-15ZM10 21h4"/>`
	case "bench":
		return `<path d="M3 9h18M3 13h18M5 13v6M19 13v6M5 9V6M19 9V6"/>`
	case "book":
		return `<path d="M12 6.5C10 5 7.5 4.5 4 4.5v13c3.5 0 6 .5 8 2 2-1.5 4.5-2 8-2v-13c-3.5 0-6 .5-8 2Zm0 0v13"/>`
	case "bus":
		return `<path d="M3 16.5V7.5A2.5 2.5 0 0 1 5.5 5h11c1.2 0 2.2.8 2.4 2l1.6 5.5v4"/><path d="M3 11.5h17M11.5 5v6.5M3 16.5h2M9.5 16.5h5M19 16.5h1.5"/><circle cx="7.2" cy="17" r="2.2"/><circle cx="16.8" cy="17" r="2.2"/>`
	case "cal":
		return `<rect x="3.5" y="5" width="17" height="15.5" rx="2.5"/><path d="M3.5 10h17M8 2.8V7M16 2.8V7"/>`
	case "camera":
		return `<path d="M3.5 8.5h4l1.5-3h6l1.5 3h4v11h-17Z"/><circle cx="12" cy="13.5" r="3.5"/>`
	case "chart":
		return `<path d="M4 4v16h16"/><path d="m7.5 15 3.5-4 3 2.5 5-6"/>`
	case "check":
		return `<path d="m5 12.5 4.5 4.5L19 7.5"/>`
	case "clock":
		return `<circle cx="12" cy="12" r="8.5"/><path d="M12 7.2V12l3.2 2"/>`
	case "copy":
		return `<rect x="8.5" y="8.5" width="11" height="11" rx="2"/><path d="M15.5 5.5v-1h-11v11h1"/>`
	case "desk":
		return `<path d="M3 11h18M5 11v8.5M19 11v8.5M12 3.5v3M8 11a4 4 0 0 1 8 0"/>`
	case "doc":
		return `<path d="M6 3.5h8l4.5 4.5v12.5H6Z"/><path d="M14 3.5V8h4.5M9 12.5h6M9 16h6"/>`
	case "down":
		return `<path d="M12 4v11M7.5 11l4.5 4.5L16.5 11M4.5 20h15"/>`
	case "ear":
		return `<path d="M4 6.5A2.5 2.5 0 0 1 6.5 4h11A2.5 2.5 0 0 1 20 6.5v7a2.5 2.5 0 0 1-2.5 2.5H11l-4.5 4v-4A2.5 2.5 0 0 1 4 13.5Z"/><path d="M8.5 8.8h7M8.5 11.8h4.5"/>`
	case "euro":
		return `<rect x="3" y="6" width="18" height="12.5" rx="2.5"/><path d="M3 10.2h18M7 15h3.5"/>`
	case "eye":
		return `<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z"/><circle cx="12" cy="12" r="2.8"/>`
	case "filter":
		return `<path d="M4 6h16M7 12h10M10 18h4"/>`
	case "flag":
		return `<path d="M6 21V4M6 5c4-2.5 8 2 12.5-.5v9C14 16 10 11.5 6 14"/>`
	case "globe":
		return `<circle cx="12" cy="12" r="8.8"/><path d="M3.2 12h17.6M12 3.2c5 5.5 5 12.1 0 17.6M12 3.2c-5 5.5-5 12.1 0 17.6"/>`
	case "group":
		return `<circle cx="8.5" cy="8.5" r="2.8"/><circle cx="16.5" cy="9.5" r="2.2"/><path d="M3 19c.5-3.5 2.6-5.3 5.5-5.3S13.5 15.5 14 19M15.5 14.2c2.7-.3 4.7 1.2 5.5 4.3"/>`
	case "hand":
		return `<path d="M12 20.5S3.5 15.6 3.5 9.7A4.7 4.7 0 0 1 12 7a4.7 4.7 0 0 1 8.5 2.7c0 5.9-8.5 10.8-8.5 10.8Z"/>`
	case "house":
		return `<path d="M3.5 11.5 12 4.5l8.5 7M6 9.8v10.2h12V9.8"/><path d="M10 20v-5h4v5"/>`
	case "id":
		return `<rect x="3" y="5" width="18" height="14" rx="2.5"/><circle cx="8.5" cy="11" r="2.2"/><path d="M5.5 16c.5-1.6 1.6-2.4 3-2.4s2.5.8 3 2.4M14.5 10h3.5M14.5 13.5h3.5"/>`
	case "idea":
		return `<path d="M9 17.5h6M10 20.5h4"/><path d="M8.6 14.6a6 6 0 1 1 6.8 0c-.5.4-.6.9-.6 1.5H9.2c0-.6-.1-1.1-.6-1.5Z"/>`
	case "info":
		return `<circle cx="12" cy="12" r="8.8"/><path d="M12 11v5.5M12 7.6v.2"/>`
	case "key":
		return `<path d="M4 20.5V10.2L12 4l8 6.2v10.3"/><path d="M9.5 20.5v-6h5v6"/>`
	case "kid":
		return `<circle cx="12" cy="6.5" r="3"/><path d="M7 20.5v-4.5a5 5 0 0 1 10 0v4.5M4.5 11.5l3.5 2M19.5 11.5l-3.5 2"/>`
	case "lamp":
		return `<path d="M8 20.5h8M12 20.5V9M12 9c0-3 1.5-4.5 4-4.5S20 6 20 8.5M17.5 8.5h5"/>`
	case "left":
		return `<path d="M14.5 5.5 8 12l6.5 6.5"/>`
	case "link":
		return `<path d="M10 14a3.8 3.8 0 0 0 5.5 0l3-3A3.9 3.9 0 0 0 13 5.5l-1.2 1.2M14 10a3.8 3.8 0 0 0-5.5 0l-3 3a3.9 3.9 0 0 0 5.5 5.5l1.2-1.2"/>`
	case "lock":
		return `<rect x="5" y="10.5" width="14" height="9.5" rx="2.2"/><path d="M8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5M12 14.5v2"/>`
	case "mail":
		return `<rect x="3" y="5.5" width="18" height="13.5" rx="2.5"/><path d="m3.5 7.5 8.5 6 8.5-6"/>`
	case "menu":
		return `<path d="M4 7h16M4 12h16M4 17h16"/>`
	case "move":
		return `<path d="M4 8h13M13 4l4 4-4 4M20 16H7M11 12l-4 4 4 4"/>`
	case "out":
		return `<path d="M13.5 4.5h-7A1.5 1.5 0 0 0 5 6v12a1.5 1.5 0 0 0 1.5 1.5h7M10.5 12H20M16.5 8.5 20 12l-3.5 3.5"/>`
	case "pause":
		return `<path d="M9 5.5v13M15 5.5v13"/>`
	case "pen":
		return `<path d="M4.5 19.5 5.6 15 15.8 4.8a1.9 1.9 0 0 1 2.7 0l.7.7a1.9 1.9 0 0 1 0 2.7L9 18.4ZM14 6.5l3.5 3.5"/>`
	case "phone":
		return `<path d="M6.2 3.5h3l1.5 4-2 1.5a12 12 0 0 0 6.3 6.3l1.5-2 4 1.5v3a2 2 0 0 1-2.2 2A17.5 17.5 0 0 1 4.2 5.7a2 2 0 0 1 2-2.2Z"/>`
	case "pin":
		return `<path d="M12 21s-7-6.2-7-11.2a7 7 0 0 1 14 0C19 14.8 12 21 12 21Z"/><circle cx="12" cy="9.8" r="2.4"/>`
	case "plus":
		return `<path d="M12 5v14M5 12h14"/>`
	case "print":
		return `<path d="M7 8.5V3.5h10v5M7 17H4.5v-6.5a2 2 0 0 1 2-2h11a2 2 0 0 1 2 2V17H17"/><path d="M7 14h10v6.5H7z"/>`
	case "repeat":
		return `<path d="M4.5 11a7.5 7.5 0 0 1 13-4.2L19.5 9M19.5 4.5V9H15M19.5 13a7.5 7.5 0 0 1-13 4.2L4.5 15M4.5 19.5V15H9"/>`
	case "right":
		return `<path d="M9.5 5.5 16 12l-6.5 6.5"/>`
	case "road":
		return `<path d="M7.5 3.5 4 20.5M16.5 3.5l3.5 17M12 4v3M12 10.5v3M12 17v3.5"/>`
	case "search":
		return `<circle cx="11" cy="11" r="6.5"/><path d="m16 16 4.5 4.5"/>`
	case "send":
		return `<path d="M20.5 3.5 3.5 10.5l6.5 3 3 6.5ZM10 13.5l4-4"/>`
	case "set":
		return `<path d="M4 7.5h8M16.5 7.5H20M4 16.5h3.5M12 16.5h8"/><circle cx="14.2" cy="7.5" r="2.2"/><circle cx="9.8" cy="16.5" r="2.2"/>`
	case "share":
		return `<circle cx="6" cy="12" r="2.6"/><circle cx="17.5" cy="6" r="2.6"/><circle cx="17.5" cy="18" r="2.6"/><path d="m8.4 10.8 6.8-3.6M8.4 13.2l6.8 3.6"/>`
	case "sms":
		return `<rect x="6.5" y="3" width="11" height="18" rx="2.5"/><path d="M10.5 17.8h3M9.5 7.5h5M9.5 10.5h3"/>`
	case "star":
		return `<path d="m12 4 2.5 5.2 5.7.7-4.2 3.9 1.1 5.7-5.1-2.8-5.1 2.8 1.1-5.7-4.2-3.9 5.7-.7Z"/>`
	case "sun":
		return `<circle cx="12" cy="12" r="4"/><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4"/>`
	case "tool":
		return `<path d="m14.5 6.5 3-3a4.5 4.5 0 0 1-5.8 5.8L5.2 15.8a2 2 0 1 0 2.9 2.9l6.5-6.5a4.5 4.5 0 0 0 5.8-5.8l-3 3-2.3-.6Z"/>`
	case "trash":
		return `<path d="M5 7.5h14M9.5 7.5V5h5v2.5M6.5 7.5 7.5 20h9l1-12.5"/>`
	case "tree":
		return `<path d="M12 21v-8M12 15.5l3-2.5"/><path d="M12 3.5a5 5 0 0 0-4.7 6.6A3.7 3.7 0 0 0 8.5 17h7a3.7 3.7 0 0 0 1.2-6.9A5 5 0 0 0 12 3.5Z"/>`
	case "up":
		return `<path d="M12 15V4M7.5 8 12 3.5 16.5 8M4.5 20h15"/>`
	case "user":
		return `<circle cx="12" cy="8" r="3.5"/><path d="M5 20c.8-4 3.5-6 7-6s6.2 2 7 6"/>`
	case "video":
		return `<rect x="3" y="6.5" width="12" height="11" rx="2.5"/><path d="m15 10.5 6-3.5v10l-6-3.5"/>`
	case "vote":
		return `<path d="M4 12.5v7h16v-7M2.8 12.5h18.4"/><path d="m8 9.5 2.6 2.6L16 5.5"/>`
	case "wheel":
		return `<circle cx="11" cy="4.5" r="1.7"/><path d="M11 8v6h5l2.5 5M11 10.5h4"/><path d="M8.5 11.2a5 5 0 1 0 6 6.6"/>`
	case "x":
		return `<path d="m6 6 12 12M18 6 6 18"/>`
	}
	return ""
}
