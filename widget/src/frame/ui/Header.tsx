import { useShared } from './context.ts';
import { Icon } from './Icon.tsx';
import type { Language } from '../protocol/types.ts';

interface Props {
  readonly onLanguage: (language: Language) => void;
  /** Null when there is no launcher to close the window. */
  readonly onClose: (() => void) | null;
}

/** What is always within reach. */
export function Header({ onLanguage, onClose }: Props) {
  const { conversation, goOn, language, say } = useShared();
  const other: Language = language === 'en' ? 'nl' : 'en';

  const press = (payload: string, title: string) => {
    conversation.press({ payload, title });
    goOn();
  };
  const switchLanguage = () => {
    onLanguage(other);
    press(`/switch_language{"language":"${other}"}`, say(`language_${other}`));
  };

  return (
    <header className="header">
      <h1>{say('title')}</h1>
      <div className="header__actions">
        <button className="tool" onClick={() => press('/start_over', say('start_over'))} title={say('start_over')} type="button">
          <Icon name="restart" />
          <span>{say('start_over')}</span>
        </button>
        <button className="tool" onClick={() => press('/request_human', say('person'))} title={say('person')} type="button">
          <Icon name="person" />
          <span>{say('person')}</span>
        </button>
      </div>
      <div className="header__window">
        <button className="tool" lang={other} onClick={switchLanguage} title={say(`language_${other}`)} type="button">
          <span aria-hidden="true">{other.toUpperCase()}</span>
          <span className="unseen">{say(`language_${other}`)}</span>
        </button>
        {onClose && (
          <button aria-label={say('close')} className="tool" onClick={onClose} title={say('close')} type="button">
            <Icon name="close" />
          </button>
        )}
      </div>
    </header>
  );
}
