/** The fields of a policy of an instance, by its kind. */
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { PolicyValue } from '../api/instance-policies-api.ts'
import { CheckField, ListField, RadioFields } from '../shared/fields.tsx'
import { accessFlags, isBlock } from './instance-policies.ts'
import { RotationChoice } from './rotation-choice.tsx'
import styles from './policies-view.module.css'

interface FieldsProps<Policy extends PolicyValue = PolicyValue> {
  readonly value: Policy
  readonly onChange: (value: PolicyValue) => void
}

export function PolicyFields({ value, onChange }: FieldsProps): ReactElement {
  const { t } = useTranslation('keys')
  switch (value.kind) {
    case 'dualAuthDelete':
    case 'metrics':
      return (
        <CheckField
          label={t(`instancePolicies.${value.kind}.turnOn`)}
          isOn={value.isOn}
          onChange={(isOn) => onChange({ ...value, isOn })}
        />
      )
    case 'rotation':
      return (
        <RotationChoice
          label={t('instancePolicies.rotation.title')}
          months={(value.isOn ? value.attributes.interval_month : undefined) ?? null}
          isFirst
          onChoose={(months) =>
            onChange({
              kind: 'rotation',
              isOn: months !== null,
              attributes: months === null ? {} : { interval_month: months },
            })
          }
        />
      )
    case 'keyCreateImportAccess':
      return <AccessFields value={value} onChange={onChange} />
    case 'allowedNetwork':
      return (
        <RadioFields
          label={t('instancePolicies.allowedNetwork.title')}
          value={value.isOn ? value.attributes.allowed_network : 'public-and-private'}
          choices={(['public-and-private', 'private-only'] as const).map((network) => [
            network,
            t(`instancePolicies.networks.${network}`),
          ])}
          onChoose={(network) =>
            onChange({ ...value, isOn: network === 'private-only', attributes: { allowed_network: network } })
          }
        />
      )
    case 'allowedIP':
      return <AddressFields value={value} onChange={onChange} />
  }
}

function AccessFields({ value, onChange }: FieldsProps<PolicyValue<'keyCreateImportAccess'>>): ReactElement {
  const { t } = useTranslation('keys')
  return (
    <>
      <CheckField
        label={t('instancePolicies.keyCreateImportAccess.turnOn')}
        isOn={value.isOn}
        onChange={(isOn) => onChange({ ...value, isOn })}
      />
      {value.isOn && (
        <div className={styles.under}>
          {accessFlags.map((name) => (
            <CheckField
              key={name}
              label={t(`instancePolicies.effects.${name}`)}
              isOn={value.attributes[name]}
              onChange={(is) => onChange({ ...value, attributes: { ...value.attributes, [name]: is } })}
            />
          ))}
        </div>
      )}
    </>
  )
}

function AddressFields({ value, onChange }: FieldsProps<PolicyValue<'allowedIP'>>): ReactElement {
  const { t } = useTranslation('keys')
  const [text, setText] = useState(() => value.attributes.allowed_ip.join('\n'))
  const wrong = linesOf(text).find((line) => !isBlock(line))
  const change = (isOn: boolean, written: string): void =>
    onChange({ ...value, isOn, attributes: { allowed_ip: isOn ? linesOf(written) : [] } })
  return (
    <>
      <CheckField
        label={t('instancePolicies.allowedIP.turnOn')}
        isOn={value.isOn}
        onChange={(isOn) => change(isOn, text)}
      />
      {value.isOn && (
        <ListField
          label={t('instancePolicies.allowedIP.label')}
          note={
            wrong === undefined
              ? t('instancePolicies.allowedIP.note')
              : t('instancePolicies.allowedIP.wrong', { wrong })
          }
          isWrong={wrong !== undefined}
          value={text}
          onChange={(written) => {
            setText(written)
            change(true, written)
          }}
        />
      )}
    </>
  )
}

function linesOf(text: string): readonly string[] {
  return text
    .split(/[\s,]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

const blocksMost = 1_000

/** Whether the server takes it: nothing is missing, nothing malformed. */
export function isWhole(policy: PolicyValue): boolean {
  if (policy.kind !== 'allowedIP' || !policy.isOn) return true
  const blocks = policy.attributes.allowed_ip
  return blocks.length > 0 && blocks.length <= blocksMost && blocks.every(isBlock)
}
