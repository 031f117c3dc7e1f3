import { TEXT } from '../text.ts';
import { useStore } from '../ui/store.ts';
import styles from './settings.module.css';
import { setTheme, THEMES, theme } from './theme.ts';

const { settings: words } = TEXT;

export function ThemeChoice() {
  const current = useStore(theme);
  return (
    <fieldset className={styles.section}>
      <legend className={styles.legend}>{words.appearance}</legend>
      <div className={styles.choices}>
        {THEMES.map((each) => (
          <label key={each} className={styles.choice}>
            <input type="radio" name="theme" value={each} checked={each === current} onChange={() => setTheme(each)} />
            {words.themes[each]}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
