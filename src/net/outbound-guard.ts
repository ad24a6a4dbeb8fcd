import { BlockList, isIP, isIPv6 } from 'node:net'

/** Decides which addresses requests to the outside may reach. */
export interface OutboundGuard {
  /** Whether a host may be named whatever its addresses are, because the operator said so. */
  allowsHost(host: string): boolean
  /** Whether an IP address may be connected to. */
  allowsAddress(address: string): boolean
}

/** Networks that are not the public Internet: this machine, private ones, link-local, multicast, documentation. */
const closedNetworks: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]

/**
 * A guard that refuses everything but the public Internet and what the operator allows: host names, IP addresses and
 * networks such as `10.1.0.0/16`; `*` allows everything.
 */
export function createOutboundGuard(allowed: readonly string[]): OutboundGuard {
  // Made for the first address that is asked about: most commands ask about none, and it takes 10 ms of their start.
  let closed: BlockList | null = null
  let open: BlockList | null = null
  const hosts = new Set(allowed.map((entry) => entry.toLowerCase()))
  const isOpen = hosts.has('*')
  return {
    allowsHost: (host) => isOpen || hosts.has(host.toLowerCase()),
    allowsAddress: (given) => {
      const address = withoutMapping(given)
      const family = isIPv6(address) ? 'ipv6' : 'ipv4'
      open ??= toBlockList(allowed.filter((entry) => isIP(entry.split('/')[0] ?? '') !== 0))
      if (isOpen || open.check(address, family)) return true
      closed ??= toBlockList(closedNetworks)
      return !closed.check(address, family)
    },
  }
}

function toBlockList(entries: readonly string[]): BlockList {
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return list
}

/** An IPv4 address that is written as an IPv6 one is judged as what it is. */
function withoutMapping(address: string): string {
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (dotted !== undefined) return dotted
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address) ?? []
  if (high === undefined || low === undefined) return address
  const [one, two] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [one >> 8, one & 255, two >> 8, two & 255].join('.')
}
