package phone

import "strings"

// Mainland is the region numbers are read in when nothing says otherwise.
const Mainland = "FR"

// countryCode of the regions that share the French numbering plan: ten digits
// starting with 0, whatever the territory (Arcep 2018-0881). New Caledonia,
// French Polynesia and Wallis and Futuna have plans of their own.
func countryCode(region string) (code string, shared bool) {
	switch region {
	case "FR":
		return "33", true
	case "GP", "BL", "MF":
		return "590", true
	case "GF":
		return "594", true
	case "MQ":
		return "596", true
	case "RE", "YT", "TF":
		return "262", true
	case "PM":
		return "508", true
	}
	return "", false
}

// Region returns the ISO 3166-1 code under which numbers are read in a
// département, an overseas collectivity or a commune, named by its INSEE code
// ("86", "2A", "974", "97411"). Anything else is read as mainland France.
func Region(insee string) string {
	switch code := strings.ToUpper(strings.TrimSpace(insee)); {
	case len(code) < 3:
		return Mainland
	default:
		if region, ok := overseas(code[:3]); ok {
			return region
		}
	}
	return Mainland
}

func overseas(prefix string) (string, bool) {
	switch prefix {
	case "971":
		return "GP", true
	case "972":
		return "MQ", true
	case "973":
		return "GF", true
	case "974":
		return "RE", true
	case "975":
		return "PM", true
	case "976":
		return "YT", true
	case "977":
		return "BL", true
	case "978":
		return "MF", true
	case "984":
		return "TF", true
	case "986":
		return "WF", true
	case "987":
		return "PF", true
	case "988":
		return "NC", true
	}
	return "", false
}
