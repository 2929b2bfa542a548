"""Three editors, their servers, a relay, an agent and a disk in virtual time: what can happen, happens."""
