// Package portal is the public face of the instance and of each territory:
// the home page, the search of a territory, the portal by needs, the pages the
// law asks for, and the settings by which a commune makes them its own.
//
// For whom: the inhabitant who looks for their town hall, the secretary who
// opens it in ten minutes, the operator who hosts a thousand.
//
// Law: décret 2019-768 (accessibility declaration), loi 2004-575 art. 6 (legal
// mentions), GDPR art. 13 (privacy notice) and 30
// (register). Tables: none of its own (see
// core/territory). Rights: territory.settings, operator.members, operator.jobs,
// privacy.read.
package portal
