/** An event told in full: what it means, who, what, when, where, how it ended, what went in and came out. */
import { type ActivityEvent, explain } from '@keywitness/cadf'
import { type ReactElement, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useZone } from '../app/zone.tsx'
import { CopyButton } from '../shared/copy-button.tsx'
import { AttachedLists } from './attached-lists.tsx'
import { Changes } from './changes.tsx'
import { describe } from './describe.ts'
import { FieldRow, FieldSection, type Filtering } from './field-row.tsx'
import { type FieldTable, fieldTable } from './fields.ts'
import { RelatedEvents } from './related-events.tsx'
import type { TrailSearch } from './search.ts'
import { serviceLabel } from './service.ts'
import { formatTypedTime, inEachZone, splitTime, zoneName } from './time-range.ts'
import { withoutAddress } from './without-address.ts'
import styles from './panel-event.module.css'

interface PanelEventProps {
  readonly event: ActivityEvent
  readonly index: number
  readonly search: TrailSearch
  readonly onChange: (search: TrailSearch) => void
}

export function PanelEvent({ event, index, search, onChange }: PanelEventProps): ReactElement {
  const { t } = useTranslation()
  const { t: parts } = useTranslation('trail')
  const { zone, zones } = useZone()
  const { time, title, currentAction, service, kind } = describe(event)
  const by = { filtering: { search, onChange } }
  const { initiator, target, reason } = event
  const { host } = initiator
  const request = useMemo(() => fieldTable(event.action, 'request', event.requestData, event.responseData), [event])
  const response = useMemo(() => fieldTable(event.action, 'response', event.responseData, event.requestData), [event])
  const keyId = /:key:([^:]+)$/.exec(target.id)?.[1]

  return (
    <div className={styles.sections}>
      <Explanations event={event} />
      <Changes event={event} tables={[request, response]} />
      <FieldSection title={parts('panel.who')}>
        <FieldRow label={t('field.name')} value={initiator.name} field="initiator.name" {...by} />
        <FieldRow label={t('field.id')} value={initiator.id} isCode field="initiator" {...by} />
        <FieldRow
          label={t('field.kind')}
          value={t(`kind.${kind}`)}
          raw={initiator.typeURI}
          field="initiator.typeURI"
          {...by}
        />
        <FieldRow label={t('field.credential')} value={initiator.credential.type} field="credential" {...by} />
        <FieldRow
          label={t('field.behind')}
          value={initiator.authnName ?? initiator.authnId}
          field={initiator.authnName === undefined ? 'initiator.authnId' : 'initiator.authnName'}
          {...by}
        />
      </FieldSection>
      <FieldSection title={parts('panel.what')}>
        <FieldRow
          label={t('field.action')}
          value={event.action}
          isCode
          hint={title}
          raw={currentAction ?? event.action}
          field="action"
          {...by}
        />
        <FieldRow label={t('field.nowCalled')} value={currentAction} isCode />
        <FieldRow label={t('field.target')} value={target.name} field="target.name" {...by} />
        <FieldRow label={t('field.key')} value={keyId} isCode field="key" {...by} />
        <FieldRow label={t('field.crn')} value={target.id} isCode field="target" {...by} />
        <FieldRow
          label={t('field.eventKind')}
          value={parts(event.dataEvent ? 'panel.dataEvent' : 'panel.managementEvent')}
          raw={String(event.dataEvent)}
          field="dataEvent"
          {...by}
        />
      </FieldSection>
      <FieldSection title={parts('panel.when')}>
        {time !== undefined && (
          <FieldRow
            label={t('field.time')}
            value={`${formatTypedTime(time, zone)}${splitTime(time, zone).clock.slice(8)} ${zoneName(time, zone)}`}
          />
        )}
        {time !== undefined && zones.length > 1 && (
          <FieldRow
            label={t('field.otherZones')}
            value={inEachZone(
              time,
              zones.filter((each) => each !== zone),
            ).replaceAll('\n', ', ')}
          />
        )}
        <FieldRow label={t('field.eventTime')} value={event.eventTime} isCode />
      </FieldSection>
      <FieldSection title={parts('panel.where')}>
        <FieldRow
          label={t('field.address')}
          value={host.address ?? parts(`noAddress.${withoutAddress(event)}`)}
          isCode={host.address !== undefined}
          {...(host.address !== undefined && { field: 'address', ...by })}
        />
        <FieldRow label={t('field.agent')} value={host.agent} field="agent" {...by} />
        <FieldRow label={t('field.service')} value={serviceLabel(service, t)} />
        <FieldRow label={t('field.source')} value={event.logSourceCRN} isCode field="logSourceCRN" {...by} />
      </FieldSection>
      <FieldSection title={parts('panel.outcome')}>
        <FieldRow
          label={t('field.result')}
          value={`${t(`outcome.${event.outcome}`)}, ${reason.reasonCode} ${reason.reasonType}`}
          raw={String(reason.reasonCode)}
          field="code"
          {...by}
        />
        <FieldRow label={t('field.reason')} value={reason.reasonForFailure} field="reason" {...by} />
      </FieldSection>
      <DataSection title={parts('panel.request')} side="requestData" table={request} {...by} />
      <DataSection title={parts('panel.response')} side="responseData" table={response} {...by} />
      <AttachedLists event={event} index={index} />
      <FieldSection title={parts('panel.record')}>
        <FieldRow label={t('field.index')} value={String(index)} />
        <FieldRow label={t('field.eventId')} value={event.id} isCode />
        <FieldRow label={t('field.correlation')} value={event.correlationId} isCode field="request" {...by} />
        <FieldRow label={t('field.message')} value={event.message} field="message" {...by} />
      </FieldSection>
      <RelatedEvents
        of={{ request: event.correlationId, key: keyId, initiator: initiator.id, instance: instanceOf(event) }}
        index={index}
        search={search}
        onChange={onChange}
      />
    </div>
  )
}

/** The service instance that an event is about, by its GUID: it stands among the data, or in a resource name. */
function instanceOf({ logSourceCRN, requestData }: ActivityEvent): string | undefined {
  const { instanceID } = requestData
  if (typeof instanceID === 'string') return instanceID
  const part = logSourceCRN.split(':')[7] ?? ''
  return part === '' ? undefined : part
}

/** Why it ended as it did, and what can be done: from the catalogue. */
function Explanations({ event }: { readonly event: ActivityEvent }): ReactElement | null {
  const { t } = useTranslation()
  const { t: parts } = useTranslation('trail')
  const explanations = useMemo(() => explain(event), [event])
  if (explanations.length === 0) return null
  return (
    <section className={styles.explanation} data-failure={event.outcome === 'failure' || undefined}>
      <h3 className={styles.why}>
        {event.outcome === 'failure'
          ? parts('panel.whyFailed', { count: explanations.length })
          : parts('panel.whatItMeans')}
      </h3>
      {event.reason.reasonForFailure !== undefined && <p className={styles.stated}>{event.reason.reasonForFailure}</p>}
      {explanations.map(({ meaning, remedy, call }) => (
        <div key={meaning} className={styles.reason}>
          <p>{meaning}</p>
          <p>
            <strong>{parts('panel.whatToDo')}</strong> {remedy}
          </p>
          {call !== undefined && (
            <p className={styles.call}>
              <code>{call}</code>
              <CopyButton text={call} label={t('copy.what', { what: parts('panel.call') })} />
            </p>
          )}
        </div>
      ))}
    </section>
  )
}

function DataSection(props: {
  title: string
  /** The member of the event that the table is of. */
  side: 'requestData' | 'responseData'
  table: FieldTable
  filtering: Filtering
}): ReactElement | null {
  const { title, side, table, filtering } = props
  if (table.rows.length === 0) return null
  return (
    <FieldSection title={title}>
      {table.rows.map(({ name, value, raw, meaning }) => (
        <FieldRow
          key={name}
          label={name}
          value={value}
          raw={raw}
          isCode
          hint={meaning}
          field={`${side}.${name}`}
          filtering={filtering}
        />
      ))}
    </FieldSection>
  )
}
