import {
  createAnnouncedVersion,
  type AnnouncedVersion,
  type AnnouncedVersionPorts,
} from '../../plugin/gateway/login/announced-version.ts'
import { keptLog } from './host.ts'

/** A version that has no source, unless it is given one. */
export const versionOf = (ports: Partial<AnnouncedVersionPorts> = {}): AnnouncedVersion =>
  createAnnouncedVersion({
    pinned: null,
    accepted: null,
    ask: null,
    now: Date.now,
    log: keptLog().log,
    report: () => undefined,
    ...ports,
  })
