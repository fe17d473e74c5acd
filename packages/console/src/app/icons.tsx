/** The console's own icons: 16 units square, drawn in the text's colour, silent to screen readers. */
import type { ReactElement, ReactNode } from 'react'

interface IconProps {
  readonly size?: number
  readonly className?: string | undefined
}

export type IconComponent = (props: IconProps) => ReactElement

function icon(drawing: ReactNode): IconComponent {
  return function Icon({ size = 16, className }) {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 16 16"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
        className={className}
      >
        {drawing}
      </svg>
    )
  }
}

export const BrandIcon = icon(
  <>
    <path d="M1.2 8C2.7 5.3 5.1 3.9 8 3.9S13.3 5.3 14.8 8C13.3 10.7 10.9 12.1 8 12.1S2.7 10.7 1.2 8Z" />
    <path
      d="M8 5.7a1.6 1.6 0 0 1 .85 2.95l.5 1.85h-2.7l.5-1.85A1.6 1.6 0 0 1 8 5.7Z"
      fill="currentColor"
      stroke="none"
    />
  </>,
)
export const TrailIcon = icon(
  <>
    <path d="M5.5 4h8M5.5 8h8M5.5 12h5" />
    <path d="M2.5 4h.01M2.5 8h.01M2.5 12h.01" strokeWidth="2" />
  </>,
)
export const MenuIcon = icon(<path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11" />)
export const PinIcon = icon(
  <>
    <path d="M8 14s4.5-4 4.5-7.5a4.5 4.5 0 0 0-9 0C3.5 10 8 14 8 14Z" />
    <circle cx="8" cy="6.5" r="1.5" />
  </>,
)
export const SearchIcon = icon(
  <>
    <circle cx="7" cy="7" r="4.25" />
    <path d="m10.2 10.2 3.3 3.3" />
  </>,
)
export const ClockIcon = icon(
  <>
    <circle cx="8" cy="8" r="5.75" />
    <path d="M8 4.75V8l2.25 1.5" />
  </>,
)
export const ChevronIcon = icon(<path d="m4.5 6.5 3.5 3.5 3.5-3.5" />)
export const CloseIcon = icon(<path d="m4 4 8 8M12 4l-8 8" />)
export const CheckIcon = icon(<path d="m3.5 8.5 3 3 6-7" />)
export const CrossIcon = icon(<path d="m4.5 4.5 7 7M11.5 4.5l-7 7" strokeWidth="2" />)
export const PauseIcon = icon(<path d="M5.75 4v8M10.25 4v8" strokeWidth="2" />)
export const PlayIcon = icon(<path d="M5 3.5v9L12.5 8 5 3.5Z" fill="currentColor" />)
export const CopyIcon = icon(
  <>
    <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
    <path d="M10.5 5.5V4A1.5 1.5 0 0 0 9 2.5H4A1.5 1.5 0 0 0 2.5 4v5A1.5 1.5 0 0 0 4 10.5h1.5" />
  </>,
)
export const FilterIcon = icon(<path d="M2.5 3.5h11L9.5 8.5v4l-3-1.5v-2.5l-4-5Z" />)
export const LinkIcon = icon(
  <>
    <path d="M6.75 9.25a2.75 2.75 0 0 0 4.1.25l1.9-1.9a2.75 2.75 0 0 0-3.9-3.9l-.9.9" />
    <path d="M9.25 6.75a2.75 2.75 0 0 0-4.1-.25l-1.9 1.9a2.75 2.75 0 0 0 3.9 3.9l.9-.9" />
  </>,
)
export const BookmarkIcon = icon(<path d="M4.25 2.75h7.5v10.5L8 10.25l-3.75 3z" />)

export const EditIcon = icon(
  <>
    <path d="m3 13 .6-2.9 7-7a1.35 1.35 0 0 1 1.9 0l.4.4a1.35 1.35 0 0 1 0 1.9l-7 7z" />
    <path d="m9.4 4.3 2.3 2.3" />
  </>,
)

export const DownloadIcon = icon(<path d="M8 2.5v7.25m-3-3 3 3 3-3M2.75 13.25h10.5" />)
export const UpIcon = icon(<path d="M8 13V3.5m-4 4 4-4 4 4" />)
export const DownIcon = icon(<path d="M8 3v9.5m-4-4 4 4 4-4" />)
export const SunIcon = icon(
  <>
    <circle cx="8" cy="8" r="2.75" />
    <path d="M8 1.5v1.25m0 10.5v1.25M1.5 8h1.25m10.5 0h1.25M3.4 3.4l.9.9m7.4 7.4.9.9m0-9.2-.9.9m-7.4 7.4-.9.9" />
  </>,
)
export const MoonIcon = icon(<path d="M13 9.7A5.75 5.75 0 0 1 6.3 3 5.75 5.75 0 1 0 13 9.7Z" />)
export const ScreenIcon = icon(
  <>
    <rect x="2" y="3" width="12" height="8.25" rx="1.25" />
    <path d="M6 13.75h4" />
  </>,
)
export const SignOutIcon = icon(<path d="M6.25 13.5H3.5v-11h2.75M10 5l3 3-3 3M13 8H6.5" />)
export const KeyboardIcon = icon(
  <>
    <rect x="1.5" y="4" width="13" height="8" rx="1.5" />
    <path d="M4.25 6.5h.01M6.75 6.5h.01M9.25 6.5h.01M11.75 6.5h.01M5.25 9.5h5.5" />
  </>,
)
export const OfflineIcon = icon(
  <>
    <path d="M2.25 6.25A9 9 0 0 1 8 4.25c.7 0 1.4.08 2.05.23M13.75 6.25a9 9 0 0 0-1.25-.9M4.75 9A5 5 0 0 1 7.5 7.7" />
    <path d="M8 12h.01" strokeWidth="2" />
    <path d="m3 2.5 10.5 10.5" />
  </>,
)
export const LockIcon = icon(
  <>
    <rect x="3" y="7" width="10" height="6.5" rx="1.25" />
    <path d="M5.25 7V5a2.75 2.75 0 0 1 5.5 0v2" />
  </>,
)
export const QuestionIcon = icon(
  <>
    <circle cx="8" cy="8" r="5.75" />
    <path d="M6.4 6.4a1.65 1.65 0 1 1 2.4 1.6c-.5.28-.8.6-.8 1.15M8 11.25h.01" />
  </>,
)
export const UserIcon = icon(
  <>
    <circle cx="8" cy="5.25" r="2.5" />
    <path d="M3 13.5c.5-2.5 2.4-4 5-4s4.5 1.5 5 4" />
  </>,
)
export const ServiceIcon = icon(
  <>
    <rect x="2.75" y="2.75" width="10.5" height="4.25" rx="1" />
    <rect x="2.75" y="9" width="10.5" height="4.25" rx="1" />
    <path d="M5 4.9h.01M5 11.1h.01" strokeWidth="2" />
  </>,
)
export const AlertIcon = icon(
  <>
    <path d="M5.3 1.75h5.4l3.55 3.55v5.4l-3.55 3.55H5.3L1.75 10.7V5.3L5.3 1.75Z" />
    <path d="M8 4.75v3.75M8 11h.01" strokeWidth="1.75" />
  </>,
)
export const BellIcon = icon(
  <>
    <path d="M3.25 11.5h9.5c-.9-1-1.25-2.1-1.25-4.25a3.5 3.5 0 0 0-7 0C4.5 9.4 4.15 10.5 3.25 11.5Z" />
    <path d="M6.75 13.75h2.5M8 3.75V2.5" />
  </>,
)
export const MuteIcon = icon(
  <>
    <path d="M11.1 11.5H3.25c.9-1 1.25-2.1 1.25-4.25 0-.4.07-.8.2-1.15M6.4 4.1a3.5 3.5 0 0 1 5.1 3.15c0 1.1.1 1.9.3 2.6" />
    <path d="M6.75 13.75h2.5M2.5 2.5l11 11" />
  </>,
)
export const EyeIcon = icon(
  <>
    <path d="M1.75 8C3.2 5.4 5.4 4.1 8 4.1S12.8 5.4 14.25 8C12.8 10.6 10.6 11.9 8 11.9S3.2 10.6 1.75 8Z" />
    <circle cx="8" cy="8" r="1.6" />
  </>,
)

/* Marks: their shapes tell them apart without colour. */

export const NormalMark = icon(<circle cx="8" cy="8" r="3" />)
export const OpenMark = icon(<circle cx="8" cy="8" r="4" fill="currentColor" />)
export const WarningMark = icon(
  <path d="M8 2.75 14 13H2L8 2.75Z" fill="currentColor" stroke="currentColor" strokeWidth="1.25" />,
)
export const CriticalMark = icon(
  <path d="M8 1.75 14.25 8 8 14.25 1.75 8 8 1.75Z" fill="currentColor" stroke="currentColor" strokeWidth="1" />,
)
export const RecordedMark = icon(<circle cx="8" cy="8" r="5" strokeDasharray="1.8 2.13" />)
export const CoveredMark = icon(<circle cx="8" cy="8" r="5" />)
export const ProvenMark = icon(
  <>
    <circle cx="8" cy="8" r="6.25" fill="currentColor" stroke="none" />
    <path d="m5.1 8.3 2 2 3.8-4.4" stroke="var(--kw-surface)" strokeWidth="1.75" />
  </>,
)
export const BrokenMark = icon(
  <>
    <path d="M5.3 1.75h5.4l3.55 3.55v5.4l-3.55 3.55H5.3L1.75 10.7V5.3L5.3 1.75Z" fill="currentColor" stroke="none" />
    <path d="m5.75 5.75 4.5 4.5m0-4.5-4.5 4.5" stroke="var(--kw-surface)" strokeWidth="1.75" />
  </>,
)
export const BoxIcon = icon(
  <>
    <path d="M2.5 5 8 2.2 13.5 5v6L8 13.8 2.5 11Z" />
    <path d="M2.5 5 8 7.8 13.5 5M8 7.8v6" />
  </>,
)
export const SortIcon = icon(<path d="M8 13V3M4.5 6.5 8 3l3.5 3.5" />)
export const BarsIcon = icon(<path d="M2.5 13.25h11M4.25 11V7.5M8 11V3.5M11.75 11V6" />)
export const ColumnIcon = icon(<path d="M2.5 3.5h3.5v9H2.5zM8.5 4.5h5M8.5 8h5M8.5 11.5h5" />)
export const MinusIcon = icon(<path d="M3.5 8h9" strokeWidth="2" />)
export const KeyIcon = icon(
  <>
    <circle cx="5.25" cy="10.75" r="2.75" />
    <path d="m7.25 8.75 6-6M10.5 5.5l2 2M12.25 3.75l1.5 1.5" />
  </>,
)
export const ChipIcon = icon(
  <>
    <rect x="4" y="4" width="8" height="8" rx="1.25" />
    <path d="M6.25 4V2M9.75 4V2M6.25 14v-2M9.75 14v-2M4 6.25H2M4 9.75H2M14 6.25h-2M14 9.75h-2" />
  </>,
)
export const PlugIcon = icon(
  <>
    <path d="M5.75 5.5V2M10.25 5.5V2" />
    <path d="M3.75 5.5h8.5v2a4.25 4.25 0 0 1-8.5 0v-2ZM8 11.75V14" />
  </>,
)
export const CertificateIcon = icon(
  <>
    <path d="M6.5 11.25H2.5v-9h11v9h-1" />
    <path d="M5 5h6M5 7.75h2" />
    <circle cx="9.75" cy="9.75" r="1.9" />
    <path d="m8.75 11.4-.5 2.85 1.5-.9 1.5.9-.5-2.85" />
  </>,
)
export const SealIcon = icon(
  <>
    <path d="M8 1.75 13.25 4v3.75c0 3.1-2.1 5.4-5.25 6.5-3.15-1.1-5.25-3.4-5.25-6.5V4L8 1.75Z" />
    <path d="m5.6 7.9 1.7 1.7 3.1-3.4" />
  </>,
)
export const SightIcon = icon(
  <>
    <rect x="2" y="2.25" width="12" height="11.5" rx="1.5" />
    <path d="M5 10.75V8.5M8 10.75v-5.5M11 10.75V7" />
  </>,
)
export const ReportIcon = icon(<path d="M4 1.75h5.5L13 5.25v9H4v-12.5Zm5.25.25v3.5h3.5M6.5 8.5h4M6.5 11.25h4" />)
