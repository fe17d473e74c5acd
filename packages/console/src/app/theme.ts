/** The component library's theme: our sizes and manners; colours come from the tokens. */
import { createTheme, localStorageColorSchemeManager } from '@mantine/core'
import looks from './looks.module.css'

/** Where the chosen theme is kept: `light`, `dark` or `auto`. */
export const colorSchemeManager = localStorageColorSchemeManager({ key: 'keywitness.theme' })

export const theme = createTheme({
  respectReducedMotion: true,
  cursorType: 'pointer',
  defaultRadius: 'md',
  components: {
    Button: { defaultProps: { size: 'xs' }, classNames: { root: looks.button } },
    Popover: {
      defaultProps: { shadow: 'md', transitionProps: { duration: 0 }, offset: 6 },
      classNames: { dropdown: looks.floating },
    },
    Combobox: {
      defaultProps: { shadow: 'md', transitionProps: { duration: 0 }, offset: 4 },
      classNames: { dropdown: looks.floating, option: looks.item },
    },
    Modal: {
      // Scroll locking would write a style sheet into the page, which the content security policy forbids.
      defaultProps: {
        lockScroll: false,
        transitionProps: { duration: 0 },
        padding: 'lg',
        yOffset: 'clamp(0.5rem, 8dvh, 2rem)',
      },
      classNames: { content: looks.modal, title: looks.modalTitle, header: looks.modalHeader, overlay: looks.overlay },
    },
    TextInput: { classNames: { input: looks.input, label: looks.inputLabel, error: looks.inputError } },
  },
})
