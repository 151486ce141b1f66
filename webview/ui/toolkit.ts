/**
 * The only module that knows `@vscode/webview-ui-toolkit`: everything else asks these factories for controls and
 * never writes a tag of it. The toolkit is registered under a prefix of our own, so a successor can live in the
 * same page while it replaces this one.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodePanels,
  vsCodePanelTab,
  vsCodePanelView,
  vsCodeProgressRing,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';

const prefix = 'pyrolens';

/** Registers the controls. Once, before any factory is called. */
export function registerControls(): void {
  provideVSCodeDesignSystem()
    .withPrefix(prefix)
    .register(
      vsCodeButton(),
      vsCodeCheckbox(),
      vsCodeDropdown(),
      vsCodeOption(),
      vsCodePanels(),
      vsCodePanelTab(),
      vsCodePanelView(),
      vsCodeProgressRing(),
      vsCodeTextField(),
    );
}

/** A push button. `label` is what is read aloud where `content` is an icon. */
export interface ButtonParts {
  readonly content: string | Node;
  readonly label?: string;
  readonly title?: string;
  readonly appearance?: 'primary' | 'secondary' | 'icon';
  onClick(): void;
}

/** Makes a button. */
export function button(parts: ButtonParts): HTMLElement {
  const made = make('button', { appearance: parts.appearance ?? 'secondary' });
  if (parts.title) made.title = parts.title;
  if (parts.label) made.setAttribute('aria-label', parts.label);
  made.append(parts.content);
  made.addEventListener('click', () => parts.onClick());
  return made;
}

/** Shows a button as pressed or not; for choices that stay. */
export function setPressed(made: HTMLElement, isPressed: boolean): void {
  made.setAttribute('aria-pressed', String(isPressed));
  made.classList.toggle('pressed', isPressed);
}

/** Lets a button be pressed or not; `reason` is its tooltip while it cannot. */
export function setEnabled(made: HTMLElement, isEnabled: boolean, reason = ''): void {
  made.toggleAttribute('disabled', !isEnabled);
  made.title = isEnabled ? '' : reason;
}

/** Says whether the popup that a button opens is open. */
export function setExpanded(made: HTMLElement, isExpanded: boolean): void {
  made.setAttribute('aria-expanded', String(isExpanded));
}

/** A one-line text field with its value and messages. */
export interface TextField {
  readonly element: HTMLElement;
  readonly value: string;
  setValue(value: string): void;
  focus(): void;
}

/** Makes a text field; `onInput` is called for each change of the text. */
export function textField(parts: {
  readonly label: string;
  readonly placeholder: string;
  onInput(value: string): void;
}): TextField {
  const made = make('text-field', { placeholder: parts.placeholder, spellcheck: 'false' });
  const control = made as HTMLElement & { value: string };
  made.addEventListener('input', () => parts.onInput(control.value));
  labelWhenConnected(made, parts.label);
  return {
    element: made,
    get value() {
      return control.value ?? '';
    },
    setValue(value) {
      if (control.value !== value) control.value = value;
    },
    focus: () => made.focus(),
  };
}

/** The toolkit overwrites a field's name when it is connected; ours is put back after that. */
function labelWhenConnected(made: HTMLElement, label: string): void {
  const observer = new MutationObserver(() => {
    if (made.getAttribute('aria-label') !== label) made.setAttribute('aria-label', label);
  });
  observer.observe(made, { attributes: true, attributeFilter: ['aria-label'] });
}

/** One choice of a dropdown. */
export interface Choice {
  readonly value: string;
  readonly text: string;
}

export interface Dropdown {
  readonly element: HTMLElement;
  setChoices(choices: readonly Choice[], value: string): void;
  setValue(value: string): void;
}

/** Makes a dropdown list. */
export function dropdown(parts: { readonly label: string; onChange(value: string): void }): Dropdown {
  const made = make('dropdown', { 'aria-label': parts.label });
  const control = made as HTMLElement & { value: string };
  made.addEventListener('change', () => parts.onChange(control.value));
  return {
    element: made,
    setChoices(choices, value) {
      made.replaceChildren(...choices.map(choice => optionOf(choice, value)));
      queueMicrotask(() => {
        control.value = value;
      });
    },
    setValue(value) {
      if (control.value !== value) control.value = value;
    },
  };
}

function optionOf(choice: Choice, selected: string): HTMLElement {
  const made = make('option', { value: choice.value });
  if (choice.value === selected) made.setAttribute('selected', '');
  made.textContent = choice.text;
  return made;
}

export interface Checkbox {
  readonly element: HTMLElement;
  setChecked(isChecked: boolean): void;
}

/** Makes a checkbox with its text. */
export function checkbox(text: string, onChange: (isChecked: boolean) => void): Checkbox {
  const made = make('checkbox', {});
  const control = made as HTMLElement & { checked: boolean };
  made.textContent = text;
  made.addEventListener('change', () => onChange(control.checked));
  return {
    element: made,
    setChecked(isChecked) {
      if (control.checked !== isChecked) control.checked = isChecked;
    },
  };
}

export interface Tabs {
  readonly element: HTMLElement;
  select(id: string): void;
  setHidden(id: string, isHidden: boolean): void;
}

/** Makes tabs over panels; `onChange` gets the id of the tab that the user chose. */
export function tabs(
  pages: readonly { readonly id: string; readonly title: string; readonly content: HTMLElement }[],
  onChange: (id: string) => void,
): Tabs {
  const made = make('panels', {});
  const control = made as HTMLElement & { activeid: string };
  for (const page of pages) {
    const tab = make('panel-tab', { id: `tab-${page.id}`, slot: 'tab' });
    tab.textContent = page.title;
    styleThroughObjectModel(tab);
    const view = make('panel-view', { id: `view-${page.id}`, slot: 'tabpanel' });
    view.append(page.content);
    made.append(tab, view);
  }
  made.addEventListener('change', event => {
    if (event.target === made) onChange(control.activeid.replace(/^tab-/, ''));
  });
  return {
    element: made,
    select(id) {
      if (control.activeid !== `tab-${id}`) control.activeid = `tab-${id}`;
    },
    setHidden(id, isHidden) {
      const tab = made.querySelector<HTMLElement>(`#tab-${id}`);
      if (tab) tab.hidden = isHidden;
    },
  };
}

/** FAST places tabs by a style attribute, which our content policy forbids; the object model is allowed. */
function styleThroughObjectModel(tab: HTMLElement): void {
  tab.setAttribute = (name, value) => {
    if (name === 'style') tab.style.cssText = value;
    else Element.prototype.setAttribute.call(tab, name, value);
  };
}

/** A ring that turns while something is under way. */
export function progressRing(label: string): HTMLElement {
  return make('progress-ring', { 'aria-label': label });
}

function make(name: string, attributes: Readonly<Record<string, string>>): HTMLElement {
  const made = document.createElement(`${prefix}-${name}`);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
