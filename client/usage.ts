/** What `--help` prints. */
export const USAGE = `agentcy-whatsapp: the WhatsApp channel of an Agentcy host

  agentcy-whatsapp pair                 links a phone: draws the QR code, and anew whenever it changes
  agentcy-whatsapp status               says how the links stand
  agentcy-whatsapp send <to> <text>     sends a text to +<number>, lid:<digits> or <digits>@g.us
  agentcy-whatsapp tail                 prints messages as they come and go, until Ctrl-C

  --account <name>   of several numbers the one that is meant, else "default"; status and tail show all without it
  --json             status, send and tail print JSON, one value a line
  --help             prints this

The host and the token come from the environment, so that no token shows in a list of processes:
  AGENTCY_URL     http://127.0.0.1:8080 unless set
  AGENTCY_TOKEN   a bearer token of the host

It ends with 0 when it is done (pair: a phone is linked; send: the host has accepted it),
with 1 when it failed or was refused (pair: the codes ran out, or another account has the number),
and with 2 when it was called wrongly.
`
